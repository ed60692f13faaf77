using Platform.Caching;
using Platform.Data.Scheduling;
using Platform.Tenancy;

namespace Platform.Api.Features.Appointments;

/// <summary>What cached answers about appointments depend on.</summary>
internal static class AppointmentTags
{
    private const string Subject = "events";

    /// <summary>On all of them; for changes that may touch many, such as the end of a contact.</summary>
    public static CacheTag All(TenantId tenant) => CacheTag.For(tenant, Subject);

    /// <summary>On lists of everybody's.</summary>
    public static CacheTag Lists(TenantId tenant) => CacheTag.For(tenant, "events.list");

    public static CacheTag Of(TenantId tenant, Guid id) => CacheTag.For(tenant, Subject, "event", id);

    public static CacheTag OfProfessional(TenantId tenant, Guid id) => CacheTag.For(tenant, Subject, "professional", id);

    public static CacheTag OfContact(TenantId tenant, Guid id) => CacheTag.For(tenant, Subject, "contact", id);

    /// <summary>The narrowest tag a list with this filter depends on.</summary>
    public static CacheTag For(TenantId tenant, AppointmentFilter filter) => filter switch
    {
        { Contact: { } contact } => OfContact(tenant, contact),
        { Professional: { } professional } => OfProfessional(tenant, professional),
        _ => Lists(tenant),
    };

    /// <summary>What a change of an appointment makes invalid.</summary>
    /// <param name="states">The appointment before and after.</param>
    public static CacheTag[] Changed(TenantId tenant, params ReadOnlySpan<Appointment> states)
    {
        var tags = new HashSet<CacheTag> { Lists(tenant) };
        foreach (var state in states)
        {
            tags.Add(Of(tenant, state.Id));
            tags.Add(OfProfessional(tenant, state.ProfessionalId));
            if (state.ContactId is { } contact)
                tags.Add(OfContact(tenant, contact));
        }
        return [.. tags];
    }
}
