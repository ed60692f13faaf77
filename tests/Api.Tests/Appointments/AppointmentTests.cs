using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Appointments;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class AppointmentTests(ApiFixture api)
{
    private static readonly Guid Nobody = Guid.CreateVersion7();

    [Fact]
    public async Task Create_then_get_gives_the_event_tidied()
    {
        var client = await api.Acme;
        var (professional, contact, start) = (await Bookings.ProfessionalAsync(api), await Bookings.ContactAsync(api), Bookings.NextSlot());

        using var response = await client.PostAsync("/api/events", new
        {
            title = "  First fitting ", professionalId = professional, contactId = contact,
            startsAt = start.ToOffset(TimeSpan.FromHours(2)), endsAt = start.AddMinutes(45), notes = "Bring\nboots",
        });
        var created = await response.JsonAsync(HttpStatusCode.Created);

        Assert.Equal(("First fitting", "scheduled", "", "Bring\nboots"),
            (created.Text("title"), created.Text("status"), created.Text("location"), created.Text("notes")));
        Assert.Equal(start, created.GetProperty("startsAt").GetDateTimeOffset());
        Assert.Equal($"{professional} {contact}", $"{created.Text("professionalId")} {created.Text("contactId")}");
        Assert.Equal($"/api/events/{created.Text("id")}", response.Headers.Location!.ToString());
        using var got = await client.GetAsync(response.Headers.Location);
        Assert.Equal(created.ToString(), (await got.JsonAsync()).ToString());
        Assert.Equal("\"1\"", got.Headers.ETag!.Tag);
    }

    [Fact]
    public async Task Create_with_invalid_fields_names_them()
    {
        var professional = await Bookings.ProfessionalAsync(api);
        (object Body, string[] Fields)[] cases =
        [
            (new { }, ["title", "startsAt", "endsAt", "professionalId"]),
            (Bookings.Body(professional, title: new string('x', 201)), ["title"]),
            (Bookings.Body(professional, hours: 0), ["endsAt"]),
            (Bookings.Body(professional, hours: 24 * 8), ["endsAt"]),
            (Bookings.Body(professional, DateTimeOffset.MinValue), ["startsAt", "endsAt"]),
            (Bookings.Body(professional, title: "a\u0000b"), ["title"]),
            (Bookings.Body(professional, status: "maybe"), ["status"]),
            (Bookings.Body(Nobody), ["professionalId"]),
            (Bookings.Body(professional, contactId: Nobody), ["contactId"]),
        ];
        foreach (var (body, fields) in cases)
            Assert.Equal(fields, (await (await (await api.Acme).PostAsync("/api/events", body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Another_tenants_professional_and_contact_are_unknown()
    {
        var (own, theirs) = (await Bookings.ProfessionalAsync(api), await Bookings.ProfessionalAsync(api, DemoAccounts.Globex));
        var contact = await Bookings.ContactAsync(api, DemoAccounts.Globex);
        var client = await api.Acme;

        var unknown = await (await client.PostAsync("/api/events", Bookings.Body(Nobody))).ProblemAsync(422);
        var foreign = await (await client.PostAsync("/api/events", Bookings.Body(theirs))).ProblemAsync(422);
        Assert.Equal(unknown.Text("detail"), foreign.Text("detail"));
        using var withContact = await client.PostAsync("/api/events", Bookings.Body(own, contactId: contact));
        Assert.Equal(["contactId"], (await withContact.ProblemAsync(422)).Fields());
        var created = await client.CreateAsync("/api/events", Bookings.Body(own));
        using var moved = await client.PutAsJsonAsync($"/api/events/{created.Text("id")}", Bookings.Body(theirs));
        Assert.Equal(["professionalId"], (await moved.ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Booking_somebody_twice_is_409_and_names_the_clash()
    {
        var client = await api.Acme;
        var (professional, start) = (await Bookings.ProfessionalAsync(api), Bookings.NextSlot());
        var first = await client.CreateAsync("/api/events", Bookings.Body(professional, start, title: "Ski service"));

        var problem = await (await client.PostAsync("/api/events", Bookings.Body(professional, start.AddMinutes(30)))).ProblemAsync(409);

        Assert.Contains("'Ski service'", problem.Text("detail"), StringComparison.Ordinal);
        Assert.Contains(first.Text("id"), problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(["startsAt"], problem.Fields());
        // As one ends the next may begin; what is cancelled takes no time.
        await client.CreateAsync("/api/events", Bookings.Body(professional, start.AddHours(1), 0.5));
        await client.CreateAsync("/api/events", Bookings.Body(professional, start, 0.5, status: "cancelled"));
        using var moved = await client.PutAsJsonAsync($"/api/events/{first.Text("id")}", Bookings.Body(professional, start.AddMinutes(10)));
        await moved.ProblemAsync(409);
        using var shorter = await client.PutAsJsonAsync($"/api/events/{first.Text("id")}", Bookings.Body(professional, start, 0.5));
        await shorter.JsonAsync();
    }

    [Fact]
    public async Task Booking_one_time_by_many_at_once_succeeds_once()
    {
        var client = await api.Acme;
        var professional = await Bookings.ProfessionalAsync(api);
        // Several times: two that wait for each other's rows do so only now and then.
        for (var round = 0; round < 25; round++)
        {
            var start = Bookings.NextSlot();

            var answers = await Task.WhenAll(Enumerable.Range(0, 16)
                .Select(_ => client.PostAsync("/api/events", Bookings.Body(professional, start))));

            Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
            foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Created))
                await answer.ProblemAsync(409);
        }
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Repeated_request_books_once()
    {
        var client = await api.Acme;
        var (key, body) = (Guid.NewGuid().ToString(), Bookings.Body(await Bookings.ProfessionalAsync(api)));

        var first = await (await client.PostAsync("/api/events", body, key)).JsonAsync(HttpStatusCode.Created);
        var again = await (await client.PostAsync("/api/events", body, key)).JsonAsync(HttpStatusCode.Created);

        Assert.Equal(first.Text("id"), again.Text("id"));
        await (await client.PostAsync("/api/events", Bookings.Body(await Bookings.ProfessionalAsync(api)), key)).ProblemAsync(422);
    }

    [Fact]
    public async Task Update_changes_the_event_from_the_version_it_names()
    {
        var client = await api.Acme;
        var professional = await Bookings.ProfessionalAsync(api);
        var id = (await client.CreateAsync("/api/events", Bookings.Body(professional))).Text("id");

        using var changed = await client.ChangeAsync(
            HttpMethod.Put, $"/api/events/{id}", Bookings.Body(professional, title: "Moved"), "\"1\"");
        var updated = await changed.JsonAsync();
        Assert.Equal(("Moved", 2L), (updated.Text("title"), updated.GetProperty("version").GetInt64()));
        await (await client.ChangeAsync(HttpMethod.Put, $"/api/events/{id}", Bookings.Body(professional), "\"1\"")).ProblemAsync(412);
        await (await client.ChangeAsync(HttpMethod.Delete, $"/api/events/{id}", ifMatch: "\"1\"")).ProblemAsync(412);
        await (await client.ChangeAsync(HttpMethod.Post, $"/api/events/{id}/cancel", ifMatch: "\"1\"")).ProblemAsync(412);
        using var deleted = await client.ChangeAsync(HttpMethod.Delete, $"/api/events/{id}", ifMatch: "\"2\"");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await (await client.GetAsync($"/api/events/{id}")).ProblemAsync(404);
        await (await client.ChangeAsync(HttpMethod.Delete, $"/api/events/{id}")).ProblemAsync(404);
    }

    [Fact]
    public async Task Cancel_frees_the_time_and_what_is_over_cannot_be_cancelled()
    {
        var client = await api.Acme;
        var (professional, start) = (await Bookings.ProfessionalAsync(api), Bookings.NextSlot());
        var id = (await client.CreateAsync("/api/events", Bookings.Body(professional, start))).Text("id");

        var cancelled = await (await client.ChangeAsync(HttpMethod.Post, $"/api/events/{id}/cancel")).JsonAsync();
        var again = await (await client.ChangeAsync(HttpMethod.Post, $"/api/events/{id}/cancel")).JsonAsync();
        Assert.Equal("cancelled", cancelled.Text("status"));
        Assert.Equal([2, 2], new[] { cancelled, again }.Select(answer => answer.GetProperty("version").GetInt32()));
        await client.CreateAsync("/api/events", Bookings.Body(professional, start));

        var done = await client.CreateAsync("/api/events", Bookings.Body(professional, status: "completed"));
        await (await client.ChangeAsync(HttpMethod.Post, $"/api/events/{done.Text("id")}/cancel")).ProblemAsync(409);
    }

    [Fact]
    public async Task Deleted_contact_leaves_its_event_without_it()
    {
        var client = await api.Acme;
        var contact = await client.CreateAsync("/api/contacts", new { name = "Passing", email = ContactTests.NewEmail() });
        var created = await client.CreateAsync(
            "/api/events", Bookings.Body(await Bookings.ProfessionalAsync(api), contactId: contact.GetProperty("id").GetGuid()));
        var url = $"/api/events/{created.Text("id")}";
        await (await client.GetAsync(url)).JsonAsync();

        using var deleted = await client.DeleteAsync($"/api/contacts/{contact.Text("id")}");

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await (await client.GetAsync(url)).JsonAsync()).GetProperty("contactId").ValueKind);
    }
}
