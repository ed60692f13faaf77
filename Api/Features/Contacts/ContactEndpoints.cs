using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Appointments;
using Platform.Api.Features.Auth;
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
            .WithDescription("With an `Idempotency-Key`, a repeated request creates once and gets the first answer again, for a day.")
            .Produces<ContactResponse>(201).ProducesProblem(400).ProducesProblem(409).ProducesValidationProblem(422);
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
        if (query.Check() is { } problem)
            return problem;
        if (SearchText.Check(ref search) is { } unusable)
            return unusable;

        // A cursor holds for the list it was made for, its search included.
        var list = $"contacts:{search}";
        Cursor? after = null;
        if (query.Cursor is not null && (after = cursors.Read(query.Cursor, db.Tenant, list)) is null)
            return Problems.BadRequest("'cursor' isn't one this list gave out.");

        var limit = query.LimitOrDefault;
        var skip = after is null ? (query.PageOrFirst - 1) * limit : 0;
        var rows = await ContactQueries.ListAsync(db, search, after, skip, limit, cancellationToken);
        var next = rows.Count > limit ? cursors.Write(new Cursor(rows[limit - 1].CreatedAt, rows[limit - 1].Id), db.Tenant, list) : null;
        // Counting is what a cursor saves.
        long? total = after is null ? await ContactQueries.CountAsync(db, search, cancellationToken) : null;
        var pagination = new Pagination(after is null ? query.PageOrFirst : null, limit, total, next);
        LinkHeader.Write(context, pagination);
        return TypedResults.Ok(new Page<ContactResponse>([.. rows.Take(limit).Select(ContactResponse.From)], pagination));
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken)
    {
        if (await ContactQueries.FindAsync(db, id, cancellationToken) is not { } contact)
            return Problems.NotFound("contact");
        EntityVersion.Write(context, contact.Version);
        return EntityVersion.IsNotModified(context.Request, contact.Version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(ContactResponse.From(contact));
    }

    private static async Task<IResult> CreateAsync(
        [FromBody] ContactInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (ContactRules.Check(input.Name, input.Email, input.Phone, out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync<ContactFields>(context, fields!, async transaction =>
        {
            var (contact, problem) = await ContactCommands.CreateAsync(db, fields!, cancellationToken);
            if (contact is null)
                return problem!;
            ContactEvents.Changed(notice, transaction, "created", contact);
            return StoredResponse.Created(
                $"/api/contacts/{contact.Id}", ContactResponse.From(contact), json.Value.SerializerOptions,
                EntityVersion.Tag(contact.Version).ToString());
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
            return await MissingOrChangedAsync(db, id, cancellationToken);
        ContactEvents.Changed(notice, transaction, "updated", contact);
        await transaction.CommitAsync(cancellationToken);
        EntityVersion.Write(context, contact.Version);
        return TypedResults.Ok(ContactResponse.From(contact));
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await ContactCommands.DeleteAsync(db, id, EntityVersion.Required(context.Request), cancellationToken))
            return await MissingOrChangedAsync(db, id, cancellationToken);
        // The contact's appointments stay, without it.
        ContactEvents.Deleted(notice, transaction, id, AppointmentTags.All(db.Tenant));
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> MissingOrChangedAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        await ContactQueries.FindAsync(db, id, cancellationToken) is null
            ? Problems.NotFound("contact")
            : Problems.PreconditionFailed("contact");
}
