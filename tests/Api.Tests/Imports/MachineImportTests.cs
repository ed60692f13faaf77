using System.Net;
using System.Text;
using System.Text.Json;
using Platform.Tenancy;

namespace Platform.Api.Tests.Imports;

/// <summary>A machine brings a file with its API key and follows the job.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class MachineImportTests(ApiFixture api)
{
    [Fact]
    public async Task Key_with_the_scopes_imports_and_follows_its_job()
    {
        var (id, machine) = await MachineAsync(await api.Acme, Permissions.ImportsWrite, Permissions.JobsRead);
        using var response = await UploadAsync(machine);
        var accepted = await response.JsonAsync(HttpStatusCode.Accepted);

        var status = await (await machine.GetAsync(response.Headers.Location)).JsonAsync();
        Assert.Equal(("contacts.import", "available"), (status.Text("type"), status.Text("state")));

        var import = await (await (await api.Acme).GetAsync($"/api/imports/{accepted.Text("importId")}")).JsonAsync();
        Assert.Equal(JsonValueKind.Null, import.GetProperty("createdBy").ValueKind);
        Assert.Equal(id, import.GetProperty("createdByKey").GetGuid());

        var (_, stranger) = await MachineAsync(await api.Globex, Permissions.ImportsWrite, Permissions.JobsRead);
        await (await stranger.GetAsync(response.Headers.Location)).ProblemAsync(404);
    }

    [Fact]
    public async Task Import_of_a_person_names_the_person()
    {
        using var response = await UploadAsync(await api.AcmeAgent);
        var accepted = await response.JsonAsync(HttpStatusCode.Accepted);

        var import = await (await (await api.Acme).GetAsync($"/api/imports/{accepted.Text("importId")}")).JsonAsync();
        var me = await (await (await api.AcmeAgent).GetAsync("/api/auth/me")).JsonAsync();
        Assert.Equal(me.Text("userId"), import.Text("createdBy"));
        Assert.Equal(JsonValueKind.Null, import.GetProperty("createdByKey").ValueKind);
    }

    [Fact]
    public async Task Key_does_no_more_than_its_scopes_say()
    {
        var (_, reader) = await MachineAsync(await api.Acme, Permissions.JobsRead, Permissions.ContactsRead);
        await (await UploadAsync(reader)).ProblemAsync(403);

        var (_, writer) = await MachineAsync(await api.Acme, Permissions.ImportsWrite);
        using var response = await UploadAsync(writer);
        await response.JsonAsync(HttpStatusCode.Accepted);
        await (await writer.GetAsync(response.Headers.Location)).ProblemAsync(403);
        await (await writer.GetAsync("/api/imports")).ProblemAsync(403);
    }

    private async Task<(Guid Id, HttpClient Client)> MachineAsync(HttpClient admin, params string[] scopes)
    {
        var created = await admin.CreateAsync("/api/admin/api-keys", new { name = "Importer", scopes });
        return (created.GetProperty("id").GetGuid(), api.CreateClient(created.Text("key")));
    }

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient client)
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes("name,email\nAda,ada@example.com\n")), "file", "machine.csv" },
        };
        return await client.PostAsync("/api/imports", form);
    }
}
