using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Contacts;

namespace Platform.Api.Features.Contacts;

/// <summary>Changes contacts of the current tenant, one statement each; all by contacts_pkey.</summary>
internal static class ContactCommands
{
    /// <returns>The contact, or the conflict with another one's e-mail or phone.</returns>
    public static async Task<(Contact? Contact, ProblemResult? Problem)> CreateAsync(
        PlatformDb db, ContactFields fields, CancellationToken cancellationToken)
    {
        var (tenant, id) = (db.Tenant.Value, Guid.CreateVersion7());
        try
        {
            var created = await db.Contacts.FromSql(
                $"""
                INSERT INTO contacts (tenant_id, id, name, email, phone)
                VALUES ({tenant}, {id}, {fields.Name}, {fields.Email}, {fields.Phone})
                RETURNING *
                """).IgnoreQueryFilters().ToListAsync(cancellationToken);
            return (created.Single(), null);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (null, problem);
        }
    }

    /// <param name="versions">The versions the contact may have; null for any.</param>
    /// <returns>The contact as changed; neither when no row has the id and such a version.</returns>
    public static async Task<(Contact? Contact, ProblemResult? Problem)> UpdateAsync(
        PlatformDb db, Guid id, ContactFields fields, long[]? versions, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        try
        {
            var updated = await db.Contacts.FromSql(
                $"""
                UPDATE contacts
                SET name = {fields.Name}, email = {fields.Email}, phone = {fields.Phone}, updated_at = now(), version = version + 1
                WHERE tenant_id = {tenant} AND id = {id} AND ({versions}::bigint[] IS NULL OR version = ANY ({versions}))
                RETURNING *
                """).IgnoreQueryFilters().ToListAsync(cancellationToken);
            return (updated.SingleOrDefault(), null);
        }
        catch (PostgresException exception) when (Duplicate(exception) is { } problem)
        {
            return (null, problem);
        }
    }

    /// <param name="versions">The versions the contact may have; null for any.</param>
    /// <returns>Whether a row had the id and such a version.</returns>
    public static async Task<bool> DeleteAsync(PlatformDb db, Guid id, long[]? versions, CancellationToken cancellationToken)
    {
        var rows = db.Contacts.Where(contact => contact.Id == id);
        if (versions is not null)
            rows = rows.Where(contact => versions.Contains(contact.Version));
        return await rows.ExecuteDeleteAsync(cancellationToken) == 1;
    }

    private static ProblemResult? Duplicate(PostgresException exception) => exception.ConstraintName switch
    {
        "contacts_email_key" => Problems.Conflict("Another contact has this e-mail address.", "email"),
        "contacts_phone_key" => Problems.Conflict("Another contact has this phone number.", "phone"),
        _ => null,
    };
}
