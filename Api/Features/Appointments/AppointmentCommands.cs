using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Appointments;

/// <summary>Changes appointments of the current tenant, in the caller's transaction; all by events_pkey.</summary>
internal static class AppointmentCommands
{
    public static async Task<(Appointment? Appointment, ProblemResult? Problem)> CreateAsync(
        PlatformDb db, AppointmentFields fields, Guid? userId, CancellationToken cancellationToken)
    {
        var (tenant, id, status) = (db.Tenant.Value, Guid.CreateVersion7(), fields.Status ?? AppointmentStatus.Scheduled);
        if (await CheckAsync(db, fields, status, id, isNewProfessional: true, cancellationToken) is { } problem)
            return (null, problem);
        return await StoreAsync(db.Appointments.FromSql(
            $"""
            INSERT INTO events (tenant_id, id, title, professional_id, contact_id, starts_at, ends_at, status, location, notes, created_by)
            VALUES ({tenant}, {id}, {fields.Title}, {fields.ProfessionalId}, {fields.ContactId}, {fields.StartsAt}, {fields.EndsAt},
                    {status}, {fields.Location}, {fields.Notes}, {userId})
            RETURNING *
            """), cancellationToken);
    }

    /// <param name="before">The appointment as it is, locked.</param>
    public static async Task<(Appointment? Appointment, ProblemResult? Problem)> UpdateAsync(
        PlatformDb db, Appointment before, AppointmentFields fields, CancellationToken cancellationToken)
    {
        var (tenant, status) = (db.Tenant.Value, fields.Status ?? before.Status);
        var isNewProfessional = fields.ProfessionalId != before.ProfessionalId;
        if (await CheckAsync(db, fields, status, before.Id, isNewProfessional, cancellationToken) is { } problem)
            return (null, problem);
        return await StoreAsync(db.Appointments.FromSql(
            $"""
            UPDATE events
            SET title = {fields.Title}, professional_id = {fields.ProfessionalId}, contact_id = {fields.ContactId},
                starts_at = {fields.StartsAt}, ends_at = {fields.EndsAt}, status = {status}, location = {fields.Location},
                notes = {fields.Notes}, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {before.Id}
            RETURNING *
            """), cancellationToken);
    }

    public static async Task<Appointment> CancelAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var (row, _) = await StoreAsync(db.Appointments.FromSql(
            $"""
            UPDATE events SET status = {AppointmentStatus.Cancelled}, updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {id}
            RETURNING *
            """), cancellationToken);
        return row!;
    }

    /// <summary>
    /// Looks first, so that the answer can name what is in the way. The professional's row is locked meanwhile, so that of two at once
    /// the later one sees it: left to the constraint, each may wait for the other's row, and Postgres ends one as a deadlock.
    /// Index: professionals_pkey.
    /// </summary>
    private static async Task<ProblemResult?> CheckAsync(
        PlatformDb db, AppointmentFields fields, string status, Guid id, bool isNewProfessional, CancellationToken cancellationToken)
    {
        var professionals = await db.Professionals.FromSql(
            $"SELECT * FROM professionals WHERE tenant_id = {db.Tenant.Value} AND id = {fields.ProfessionalId} FOR NO KEY UPDATE")
            .IgnoreQueryFilters().AsNoTracking().ToListAsync(cancellationToken);
        if (professionals is not [var professional] || (isNewProfessional && !professional.Active))
            return UnknownProfessional();
        return AppointmentStatus.IsOpen(status) && await AppointmentQueries.ClashAsync(db, fields, id, cancellationToken) is { } clash
            ? Problems.Conflict(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The professional is booked then: '{clash.Title}' from {clash.StartsAt:yyyy-MM-ddTHH:mmZ} " +
                    $"to {clash.EndsAt:yyyy-MM-ddTHH:mmZ} (event {clash.Id})."),
                "startsAt")
            : null;
    }

    private static async Task<(Appointment? Appointment, ProblemResult? Problem)> StoreAsync(
        IQueryable<Appointment> statement, CancellationToken cancellationToken)
    {
        try
        {
            var stored = await statement.IgnoreQueryFilters().ToListAsync(cancellationToken);
            return (stored.Single(), null);
        }
        catch (PostgresException exception) when (Refused(exception) is { } problem)
        {
            return (null, problem);
        }
    }

    private static ProblemResult? Refused(PostgresException exception) => exception.ConstraintName switch
    {
        "events_no_double_booking" => Problems.Conflict("The professional has just been booked for this time.", "startsAt"),
        "events_tenant_id_professional_id_fkey" => UnknownProfessional(),
        "events_tenant_id_contact_id_fkey" => Problems.Invalid("contactId", "There is no such contact."),
        _ => null,
    };

    private static ProblemResult UnknownProfessional() => Problems.Invalid("professionalId", "There is no such active professional.");
}
