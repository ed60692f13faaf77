namespace Platform.Jobs.Schedules;

/// <summary>
/// Times given by a cron expression on the wall's clock of a time zone. When both days are restricted either one is enough, as
/// cron has always had it. Where the clocks change, an hour that the expression names happens once: a time that is left out
/// comes at the end of the gap, a repeated one in its first pass. With an hour of <c>*</c> the expression says how often and
/// not when: nothing is made up for a gap, and a repeated hour has its runs in both passes.
/// </summary>
public sealed class CronSchedule
{
    private const int MaxLength = 200, LastYear = 9980;

    /// <summary>Further from a moment than any zone's time is from UTC, before and after.</summary>
    private static readonly TimeSpan Around = TimeSpan.FromHours(26);

    private readonly CronFields _fields;
    private readonly TimeZoneInfo _zone;

    private CronSchedule(string expression, CronFields fields, TimeZoneInfo zone)
    {
        Expression = expression;
        _fields = fields;
        _zone = zone;
    }

    public string Expression { get; }

    /// <summary>The IANA name: <c>Europe/Berlin</c>.</summary>
    public string TimeZone => _zone.Id;

    /// <summary>
    /// Reads five fields (minute, hour, day of month, month, day of week; <c>*</c>, lists, ranges, steps, English names) or one of
    /// <c>@hourly @daily @weekly @monthly @yearly</c>.
    /// </summary>
    /// <param name="timeZone">An IANA name.</param>
    /// <exception cref="JobException">The expression or the zone can't be read, or no such time ever comes; the message says which.</exception>
    public static CronSchedule Parse(string expression, string timeZone = "UTC")
    {
        ArgumentNullException.ThrowIfNull(expression);
        ArgumentNullException.ThrowIfNull(timeZone);
        if (expression.Length > MaxLength)
            throw new JobException($"A cron expression has at most {MaxLength} characters.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone) || !zone.HasIanaId)
            throw new JobException($"'{timeZone}' is no time zone this system knows; IANA names such as Europe/Berlin are.");
        var schedule = new CronSchedule(expression.Trim(), new CronFields(expression), zone);
        return schedule.Next(DateTimeOffset.UnixEpoch) is null
            ? throw new JobException($"No time ever matches '{expression}'.")
            : schedule;
    }

    /// <returns>The first time after <paramref name="after"/>, in UTC; null when none comes.</returns>
    public DateTimeOffset? Next(DateTimeOffset after)
    {
        var utc = after.UtcDateTime;
        if (utc.Year is < 2 or > LastYear)
            return null;
        var cursor = utc + Offset(utc);
        var second = SecondPass(utc, cursor);
        while (_fields.Next(cursor) is { } local)
        {
            if (Instant(local, utc) is { } found && found > utc)
                return At(second < found ? second.Value : found);
            cursor = local;
        }

        return second is { } only ? At(only) : null;
    }

    /// <summary>The next times after <paramref name="after"/>, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<DateTimeOffset> NextRuns(int count, DateTimeOffset after)
    {
        var runs = new List<DateTimeOffset>();
        for (var next = Next(after); next is { } run && runs.Count < count; next = Next(run))
            runs.Add(run);
        return runs;
    }

    /// <summary>When the wall's clock shows a time: in its first pass, unless only the second one is still to come and counts.</summary>
    private DateTime? Instant(DateTime local, DateTime after)
    {
        var (first, second) = Instants(local);
        if (first is null)
            return _fields.EveryHour ? null : Change(local);
        return first > after || second is null || !_fields.EveryHour ? first : second;
    }

    /// <summary>In the first pass of a repeated hour, what matches earliest in the second one.</summary>
    private DateTime? SecondPass(DateTime utc, DateTime local)
    {
        if (!_fields.EveryHour || Instants(local) is not ({ } first, { }) || first != utc)
            return null;
        var change = Change(local);
        return _fields.Next(change + Offset(change) - TimeSpan.FromMinutes(1)) is { } again && Instants(again) is (_, { } second) ? second : null;
    }

    /// <summary>The moments at which the wall's clock shows a time: one, none in a gap, two where it is set back.</summary>
    private (DateTime? First, DateTime? Second) Instants(DateTime local)
    {
        var (before, after) = (Offset(Utc(local - Around)), Offset(Utc(local + Around)));
        if (before == after)
            return (Utc(local - before), null);
        DateTime? old = Utc(local - before), changed = Utc(local - after);
        if (Offset(old.Value) != before)
            old = null;
        if (Offset(changed.Value) != after)
            changed = null;
        return old is null ? (changed, null) : (old, changed);
    }

    /// <summary>The moment near a local time at which the clocks are changed.</summary>
    private DateTime Change(DateTime local)
    {
        var start = Utc(new DateTime(local.Ticks - (local.Ticks % TimeSpan.TicksPerMinute)) - Around);
        var offset = Offset(start);
        int low = 0, high = (int)(2 * Around).TotalMinutes;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            if (Offset(start.AddMinutes(middle)) == offset)
                low = middle;
            else
                high = middle;
        }

        return start.AddMinutes(high);
    }

    // Asked of moments only: there it is never ambiguous.
    private TimeSpan Offset(DateTime utc) => _zone.GetUtcOffset(utc);

    private static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    private static DateTimeOffset At(DateTime utc) => new(Utc(utc), TimeSpan.Zero);
}
