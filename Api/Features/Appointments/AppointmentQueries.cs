using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Scheduling;

namespace Platform.Api.Features.Appointments;

/// <summary>Reads appointments of the current tenant.</summary>
internal static class AppointmentQueries
{
    /// <summary>Index: events_pkey.</summary>
    public static Task<Appointment?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Appointments.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <summary>
    /// Latest start first. Index: events_contact_idx, events_professional_idx, events_status_idx or events_starts_idx, by the
    /// filter; a search: see 0011_scheduling.sql.
    /// </summary>
    public static async Task<Page<AppointmentResponse>?> PageAsync(
        PlatformDb db, AppointmentFilter filter, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var rows = filter.Search is { } search
            ? await SearchAsync(db, SearchText.Pattern(search), filter, ask, cancellationToken)
            : await ListAsync(Filtered(db, filter), ask, cancellationToken);
        var total = filter.Search is { } text
            ? await ask.TotalAsync(rows.Count, () => CountAsync(db, SearchText.Pattern(text), filter, cancellationToken))
            : await ask.TotalAsync(rows.Count, Filtered(db, filter), cancellationToken);
        return ask.Page(
            rows.ConvertAll(AppointmentResponse.From), total, row => new Cursor(row.StartsAt, row.Id), cursors);
    }

    /// <summary>
    /// What the professional has to do at that time, the first of it. Index: events_professional_idx; nothing that ends after
    /// the start began longer before it than an appointment may last.
    /// </summary>
    /// <param name="except">The appointment that is moved.</param>
    public static Task<Appointment?> ClashAsync(
        PlatformDb db, AppointmentFields fields, Guid except, CancellationToken cancellationToken)
    {
        var earliest = fields.StartsAt - AppointmentRules.MaxDuration;
        return db.Appointments
            .Where(row => row.ProfessionalId == fields.ProfessionalId && row.StartsAt < fields.EndsAt && row.StartsAt > earliest)
            .Where(row => row.EndsAt > fields.StartsAt && row.Id != except)
            .Where(row => row.Status == AppointmentStatus.Scheduled || row.Status == AppointmentStatus.Confirmed)
            .OrderBy(row => row.StartsAt)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private static IQueryable<Appointment> Filtered(PlatformDb db, AppointmentFilter filter)
    {
        var rows = db.Appointments.AsQueryable();
        if (filter.Contact is { } contact)
            rows = rows.Where(row => row.ContactId == contact);
        if (filter.Professional is { } professional)
            rows = rows.Where(row => row.ProfessionalId == professional);
        if (filter.Status is { } status)
            rows = rows.Where(row => row.Status == status);
        if (filter.From is { } from)
            rows = rows.Where(row => row.StartsAt >= from);
        if (filter.To is { } to)
            rows = rows.Where(row => row.StartsAt < to);
        return rows;
    }

    private static Task<List<Appointment>> ListAsync(
        IQueryable<Appointment> rows, ListQuestion ask, CancellationToken cancellationToken)
    {
        if (ask.After is { } place)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.StartsAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        return rows.OrderByDescending(row => row.StartsAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take).ToListAsync(cancellationToken);
    }

    private static Task<List<Appointment>> SearchAsync(
        PlatformDb db, string pattern, AppointmentFilter filter, ListQuestion ask, CancellationToken cancellationToken)
    {
        var (before, beforeId, skip, take) = (ask.AfterCreatedAt, ask.AfterId, ask.Skip, ask.Take);
        return db.Appointments.FromSql(
            $"""
            SELECT * FROM search_events({pattern}, {filter.Status}, {filter.Professional}, {filter.Contact}, {filter.From}, {filter.To},
                {before}, {beforeId}, {skip}, {take})
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
    }

    private static async Task<long?> CountAsync(
        PlatformDb db, string pattern, AppointmentFilter filter, CancellationToken cancellationToken)
    {
        var limit = SearchText.MaxCountedMatches + 1;
        var counts = await db.Database.SqlQuery<long>(
            $"""
            SELECT count_events(
                {pattern}, {filter.Status}, {filter.Professional}, {filter.Contact}, {filter.From}, {filter.To}, {limit}) AS "Value"
            """).ToListAsync(cancellationToken);
        return counts[0] > SearchText.MaxCountedMatches ? null : counts[0];
    }
}
