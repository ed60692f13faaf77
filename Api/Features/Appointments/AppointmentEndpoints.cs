using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Scheduling;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Appointments;

/// <summary>What is booked with professionals; clients know them as events.</summary>
internal static class AppointmentEndpoints
{
    public static void MapAppointments(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/events").WithTags("Events");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.EventsRead).Cached()
            .WithSummary("List events")
            .WithDescription("Latest start first. `total` is null beyond 100,000 events, or 10,000 that match a search.")
            .Produces<Page<AppointmentResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.EventsRead).Cached()
            .WithSummary("Get an event").WithDescription("`ETag` is its version; send it back as `If-Match` with a change.")
            .Produces<AppointmentResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.EventsWrite)
            .WithSummary("Book an event")
            .WithDescription(
                "With an active professional, perhaps for a contact; at most 7 days long. 409 names the event that takes the " +
                "professional's time. With an `Idempotency-Key`, a repeated request books once.")
            .Produces<AppointmentResponse>(201).ProducesProblem(400).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.EventsWrite)
            .WithSummary("Replace an event").WithDescription("Without `status` it keeps the one it has.")
            .Produces<AppointmentResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapPost("/{id:guid}/cancel", CancelAsync).RequirePermission(Permissions.EventsWrite)
            .WithSummary("Cancel an event")
            .WithDescription("Its time is free again. Cancelling a cancelled one changes nothing; one that is over is a 409.")
            .Produces<AppointmentResponse>().ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.EventsWrite)
            .WithSummary("Delete an event")
            .Produces(204).ProducesProblem(404).ProducesProblem(412);
    }

    private static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query, [AsParameters] AppointmentFilter filter, HttpContext context, TenantContext tenant,
        CursorCodec cursors, CachedAnswers answers)
    {
        if (filter.Check(out filter) is { } problem)
            return new(problem);
        var key = filter.KeyPart;
        return ListQuestion.Read(query, tenant.Current, key.Length == 0 ? "events" : $"events:{key}", cursors, out var ask) is { } wrong
            ? new(wrong)
            : answers.GetAsync(
                context, CacheKinds.EventsList, [AppointmentTags.All(tenant.Current), AppointmentTags.For(tenant.Current, filter)],
                ["list", query.KeyPart, key], (filter, ask, cursors),
                static (db, state, cancellationToken) =>
                    AppointmentQueries.PageAsync(db, state.filter, state.ask, state.cursors, cancellationToken));
    }

    private static ValueTask<IResult> GetAsync(Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.EventDetail, [AppointmentTags.All(tenant.Current), AppointmentTags.Of(tenant.Current, id)],
            [id.ToString()], id,
            static async (db, id, cancellationToken) =>
                await AppointmentQueries.FindAsync(db, id, cancellationToken) is { } row ? AppointmentResponse.From(row) : null,
            "event");

    private static async Task<IResult> CreateAsync(
        [FromBody] AppointmentInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, fields!, async transaction =>
        {
            var (row, problem) = await AppointmentCommands.CreateAsync(db, fields!, context.User.FindUserId(), cancellationToken);
            if (row is null)
                return problem!;
            Tell(notice, transaction, "created", row);
            return RowAnswer.Created($"/api/events/{row.Id}", AppointmentResponse.From(row), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] AppointmentInput input, HttpContext context, PlatformDb db, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Appointment>(context, db, id, "event", cancellationToken);
        if (before is null)
            return problem!;
        (var row, problem) = await AppointmentCommands.UpdateAsync(db, before, fields!, cancellationToken);
        return row is null ? problem! : await FinishAsync(context, notice, transaction, "updated", row, before, cancellationToken);
    }

    private static async Task<IResult> CancelAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Appointment>(context, db, id, "event", cancellationToken);
        if (before is null)
            return problem!;
        if (before.Status == AppointmentStatus.Cancelled)
            return RowAnswer.Ok(context, AppointmentResponse.From(before));
        if (!AppointmentStatus.IsOpen(before.Status))
            return Problems.Conflict($"The event can't be cancelled any more: it is '{before.Status}'.", "status");
        var row = await AppointmentCommands.CancelAsync(db, id, cancellationToken);
        return await FinishAsync(context, notice, transaction, "cancelled", row, before, cancellationToken);
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (row, problem) = await LockedRow.ForChangeAsync<Appointment>(context, db, id, "event", cancellationToken);
        if (row is null)
            return problem!;
        await db.Appointments.Where(gone => gone.Id == id).ExecuteDeleteAsync(cancellationToken);
        notice.AfterCommit(transaction, "event.deleted", new { id }, AppointmentTags.Changed(transaction.Tenant, row));
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> FinishAsync(
        HttpContext context, ChangeNotice notice, TenantTransaction transaction, string what, Appointment row, Appointment before,
        CancellationToken cancellationToken)
    {
        Tell(notice, transaction, what, row, before);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, AppointmentResponse.From(row));
    }

    private static void Tell(
        ChangeNotice notice, TenantTransaction transaction, string what, Appointment row, Appointment? before = null) =>
        notice.AfterCommit(
            transaction, $"event.{what}",
            new { row.Id, row.Title, row.ProfessionalId, row.ContactId, row.StartsAt, row.EndsAt, row.Status },
            AppointmentTags.Changed(transaction.Tenant, before ?? row, row));
}
