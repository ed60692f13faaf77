using Platform.Data.Seed;

namespace Platform.Api.Tests;

/// <summary>Makes what is booked in tests, without clashes between them.</summary>
internal static class Bookings
{
    private static int _slots;

    /// <summary>An hour nobody else uses, on a day far away.</summary>
    public static DateTimeOffset NextSlot() =>
        new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero).AddHours(2 * Interlocked.Increment(ref _slots));

    /// <summary>An active professional of the demo data.</summary>
    public static Task<Guid> ProfessionalAsync(ApiFixture api, Guid? tenant = null) => api.ScalarAsync<Guid>(
        "SELECT id FROM professionals WHERE tenant_id = $1 AND active ORDER BY created_at LIMIT 1", tenant ?? DemoAccounts.Acme);

    /// <summary>A contact of the demo data.</summary>
    public static Task<Guid> ContactAsync(ApiFixture api, Guid? tenant = null) => api.ScalarAsync<Guid>(
        "SELECT id FROM contacts WHERE tenant_id = $1 ORDER BY created_at LIMIT 1", tenant ?? DemoAccounts.Acme);

    /// <summary>A valid body of <c>POST /api/events</c>.</summary>
    public static object Body(
        Guid professionalId, DateTimeOffset? startsAt = null, double hours = 1, string title = "Fitting", string? status = null,
        Guid? contactId = null)
    {
        var start = startsAt ?? NextSlot();
        return new
        {
            title, professionalId, contactId, startsAt = start, endsAt = start.AddHours(hours), status,
            location = "Room 1", notes = "a\nb",
        };
    }
}
