using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Appointments;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Contacts;

internal static class ContactEndpoints
{
    public static void MapContacts(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/contacts").WithTags("Contacts");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("List contacts")
            .WithDescription("Newest first. `search` finds text in name, e-mail and phone; beyond 10,000 matches `total` is null.")
            .Produces<Page<ContactResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("Get a contact").WithDescription("`ETag` is its version; send it back as `If-Match` with a change.")
            .Produces<ContactResponse>().Produces(304).ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ContactsWrite)
            .WithSummary("Create a contact")
            .WithDescription("With an `Idempotency-Key`, a repeated request creates once and gets the first answer again, for a day. 402 when the plan has no room for another.")
            .Produces<ContactResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.ContactsWrite)
            .WithSummary("Replace a contact")
            .Produces<ContactResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.ContactsWrite)
            .WithSummary("Delete a contact")
            .Produces(204).ProducesProblem(404).ProducesProblem(412);
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query,
        [Description("Text to find, at most 100 characters.")] string? search,
        HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (SearchText.Check(ref search) is { } unusable)
            return unusable;
        // A cursor holds for the list it was made for, its search included.
        if (ListQuestion.Read(query, db.Tenant, $"contacts:{search}", cursors, out var ask) is { } problem)
            return problem;
        var rows = await ContactQueries.ListAsync(db, search, ask, cancellationToken);
        var total = await ask.TotalAsync(rows.Count, () => ContactQueries.CountAsync(db, search, cancellationToken));
        return PageAnswer.Ok(
            context, ask.Page(rows.ConvertAll(ContactResponse.From), total, row => new Cursor(row.CreatedAt, row.Id), cursors));
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken) =>
        RowAnswer.Get(
            context, await ContactQueries.FindAsync(db, id, cancellationToken) is { } contact ? ContactResponse.From(contact) : null, "contact");

    private static async Task<IResult> CreateAsync(
        [FromBody] ContactInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (ContactRules.Check(input.Name, input.Email, input.Phone, out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync<ContactFields>(context, fields!, async transaction =>
        {
            if (await ContactLimit.RequireAsync(transaction, cancellationToken) is { } full)
                return full;
            var (contact, problem) = await ContactCommands.CreateAsync(db, fields!, cancellationToken);
            if (contact is null)
                return problem!;
            ContactEvents.Changed(notice, transaction, "created", contact);
            return RowAnswer.Created($"/api/contacts/{contact.Id}", ContactResponse.From(contact), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] ContactInput input, HttpContext context, PlatformDb db, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        if (ContactRules.Check(input.Name, input.Email, input.Phone, out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var versions = EntityVersion.Required(context.Request);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (contact, problem) = await ContactCommands.UpdateAsync(db, id, fields!, versions, cancellationToken);
        if (problem is not null)
            return problem;
        if (contact is null)
            return RowAnswer.Unchanged(await ContactQueries.FindAsync(db, id, cancellationToken), "contact");
        ContactEvents.Changed(notice, transaction, "updated", contact);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, ContactResponse.From(contact));
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await ContactCommands.DeleteAsync(db, id, EntityVersion.Required(context.Request), cancellationToken))
            return RowAnswer.Unchanged(await ContactQueries.FindAsync(db, id, cancellationToken), "contact");
        // The contact's appointments stay, without it.
        ContactEvents.Deleted(notice, transaction, id, AppointmentTags.All(db.Tenant));
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
