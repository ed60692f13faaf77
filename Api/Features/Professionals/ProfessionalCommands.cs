using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Professionals;

/// <summary>Changes professionals of the current tenant, in the caller's transaction; all by professionals_pkey.</summary>
internal static class ProfessionalCommands
{
    public static async Task<Professional> CreateAsync(PlatformDb db, ProfessionalFields fields, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant.Value, Guid.CreateVersion7());
        var created = await db.Professionals.FromSql(
            $"""
            INSERT INTO professionals (tenant_id, id, name, title, email, phone, specialties, time_zone, active)
            VALUES ({tenant}, {id}, {fields.Name}, {fields.Title}, {fields.Email}, {fields.Phone}, {fields.Specialties}, {fields.TimeZone},
                    {fields.Active ?? true})
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return created.Single();
    }

    public static async Task<Professional> UpdateAsync(
        PlatformDb db, Guid id, ProfessionalFields fields, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var updated = await db.Professionals.FromSql(
            $"""
            UPDATE professionals
            SET name = {fields.Name}, title = {fields.Title}, email = {fields.Email}, phone = {fields.Phone},
                specialties = {fields.Specialties}, time_zone = {fields.TimeZone}, active = COALESCE({fields.Active}, active),
                updated_at = now(), version = version + 1
            WHERE tenant_id = {tenant} AND id = {id}
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return updated.Single();
    }

    /// <summary>Deletes one whose row is locked, so that nobody books it in between. Index: events_professional_idx.</summary>
    public static async Task<ProblemResult?> DeleteAsync(PlatformDb db, Guid id, CancellationToken cancellationToken)
    {
        if (await db.Appointments.AnyAsync(row => row.ProfessionalId == id, cancellationToken))
        {
            return Problems.Conflict(
                "Events are booked with this professional, and their history stays. Make the professional inactive instead: " +
                "update it with \"active\": false.");
        }
        await db.Professionals.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken);
        return null;
    }
}
