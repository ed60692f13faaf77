using System.Globalization;
using System.Numerics;

namespace Platform.Jobs.Schedules;

/// <summary>The five fields of a cron expression as sets of bits, and the search for the next time on the wall's clock.</summary>
internal sealed class CronFields
{
    /// <summary>29 February comes after eight years at the latest; nothing else that comes at all takes longer.</summary>
    private const int Years = 9;

    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly ulong _minutes, _hours, _daysOfMonth, _months, _daysOfWeek;
    private readonly bool _eitherDay;

    /// <exception cref="JobException">The expression can't be read; the message names the field.</exception>
    public CronFields(string expression)
    {
        var fields = Expand(expression).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
            throw new JobException($"'{expression}' has {fields.Length} fields; a cron expression has five: minute, hour, day of month, month, day of week.");
        _minutes = Read(fields[0], "minute", 0, 59, []);
        _hours = Read(fields[1], "hour", 0, 23, []);
        _daysOfMonth = Read(fields[2], "day of month", 1, 31, []);
        _months = Read(fields[3], "month", 1, 12, Months);
        _daysOfWeek = Read(fields[4], "day of week", 0, 7, Days);
        _eitherDay = fields[2][0] != '*' && fields[4][0] != '*';
        EveryHour = fields[1][0] == '*' || BitOperations.PopCount(_hours) == 24;
    }

    /// <summary>Whether the hour says how often, and not when.</summary>
    public bool EveryHour { get; }

    /// <returns>The first matching minute after <paramref name="after"/>; null when there is none.</returns>
    public DateTime? Next(DateTime after)
    {
        var start = after.AddTicks(TimeSpan.TicksPerMinute - (after.Ticks % TimeSpan.TicksPerMinute));
        var end = start.Date.AddYears(Years);
        for (var day = start.Date; day <= end;)
        {
            if (!Has(_months, day.Month))
            {
                day = new DateTime(day.Year, day.Month, 1, 0, 0, 0, day.Kind).AddMonths(1);
                continue;
            }

            if (Matches(day) && NextTime(day == start.Date ? start.TimeOfDay : TimeSpan.Zero) is { } time)
                return day + time;
            day = day.AddDays(1);
        }

        return null;
    }

    private bool Matches(DateTime day)
    {
        var ofMonth = Has(_daysOfMonth, day.Day);
        var ofWeek = Has(_daysOfWeek, (int)day.DayOfWeek);
        return _eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    private TimeSpan? NextTime(TimeSpan from)
    {
        if (Has(_hours, from.Hours) && First(_minutes, from.Minutes) is { } minute)
            return new TimeSpan(from.Hours, minute, 0);
        return First(_hours, from.Hours + 1) is { } hour ? new TimeSpan(hour, BitOperations.TrailingZeroCount(_minutes), 0) : null;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private static int? First(ulong set, int from) => set >> from << from is > 0 and var rest ? BitOperations.TrailingZeroCount(rest) : null;

    private static string Expand(string expression) => expression.Trim() switch
    {
        "@hourly" => "0 * * * *",
        "@daily" or "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" or "@annually" => "0 0 1 1 *",
        var other => other,
    };

    private static ulong Read(string field, string name, int min, int max, string[] names)
    {
        var set = 0UL;
        foreach (var part in field.Split(','))
        {
            var (range, step) = part.Split('/') switch
            {
                [var all] => (all, (int?)null),
                [var all, var count] => (all, Number(count, 1, max)),
                _ => throw Unreadable(),
            };
            var (from, to) = range.Split('-') switch
            {
                ["*"] => (min, names == Days ? 6 : max),
                [var only] when step is null => (Value(only), Value(only)),
                [var only] => (Value(only), names == Days ? 6 : max),
                [var first, var last] => (Value(first), Value(last)),
                _ => throw Unreadable(),
            };
            // A week goes round: Friday to Monday, Saturday to Sunday.
            if (to < from && names == Days)
                to += 7;
            if (to < from)
                throw new JobException($"The {name} '{part}' goes backwards.");
            for (var value = from; value <= to; value += step ?? 1)
                set |= 1UL << (names == Days ? value % 7 : value);
        }

        return set;

        int Value(string text)
        {
            var index = Array.FindIndex(names, n => n.Equals(text, StringComparison.OrdinalIgnoreCase));
            return index >= 0 ? index + min : Number(text, min, max);
        }

        int Number(string text, int least, int most) =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
                ? value
                : throw Unreadable();

        JobException Unreadable() => new(
            $"The {name} '{field}' can't be read: it is *, or {min} to {max}, ranges and lists of those, each with a /step if need be.");
    }
}
