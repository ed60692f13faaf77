using System.Globalization;
using Platform.Jobs.Schedules;

namespace Platform.Jobs.Tests.Schedules;

[Trait("Req", "F2")]
public sealed class CronScheduleTests
{
    private static DateTimeOffset At(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static string[] Runs(string cron, string zone, string after, int count)
    {
        var found = CronSchedule.Parse(cron, zone);
        var local = TimeZoneInfo.FindSystemTimeZoneById(zone);
        return [.. found.NextRuns(count, At(after)).Select(
            run => TimeZoneInfo.ConvertTime(run, local).ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture))];
    }

    [Theory]
    [InlineData("* * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:01:00Z")]
    [InlineData("* * * * *", "2026-03-01T10:00:59.999Z", "2026-03-01T10:01:00Z")]
    [InlineData("*/15 * * * *", "2026-03-01T10:07:00Z", "2026-03-01T10:15:00Z")]
    [InlineData("7/20 * * * *", "2026-03-01T10:27:00Z", "2026-03-01T10:47:00Z")]
    [InlineData("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z")]
    [InlineData("0 9-17/4 * * *", "2026-03-01T13:00:00Z", "2026-03-01T17:00:00Z")]
    [InlineData("0 0 1,15 * *", "2026-03-02T00:00:00Z", "2026-03-15T00:00:00Z")]
    [InlineData("30 4 * JAN,jul *", "2026-02-01T00:00:00Z", "2026-07-01T04:30:00Z")]
    [InlineData("0 0 * * MON-FRI", "2026-03-06T00:00:00Z", "2026-03-09T00:00:00Z")]
    [InlineData("0 0 * * 7", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z")]
    [InlineData("0 0 * * 0", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z")]
    [InlineData("0 0 * * FRI-SUN", "2026-03-07T12:00:00Z", "2026-03-08T00:00:00Z")]
    [InlineData("0 0 * * 6-7", "2026-03-08T00:00:00Z", "2026-03-14T00:00:00Z")]
    [InlineData("0 0 * * SAT-MON", "2026-03-08T00:00:00Z", "2026-03-09T00:00:00Z")]
    [InlineData("0 0 29 2 *", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z")]
    [InlineData("0 0 31 * *", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z")]
    [InlineData("@hourly", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")]
    [InlineData("@daily", "2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("@weekly", "2026-03-02T10:00:00Z", "2026-03-08T00:00:00Z")]
    [InlineData("@monthly", "2026-03-01T10:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("@yearly", "2026-03-01T10:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("  0   12\t* * *  ", "2026-03-01T10:00:00Z", "2026-03-01T12:00:00Z")]
    public void Next_is_the_first_match_after_the_moment(string cron, string after, string next) =>
        Assert.Equal(At(next), CronSchedule.Parse(cron).Next(At(after)));

    [Theory]
    [InlineData("0 0 13 * FRI", "2026-03-02T00:00:00Z", "2026-03-06T00:00:00Z")]
    [InlineData("0 0 13 * FRI", "2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z")]
    [InlineData("0 0 15 * MON", "2026-03-09T00:00:00Z", "2026-03-15T00:00:00Z")]
    [InlineData("0 0 */2 * MON", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z")]
    public void Either_day_is_enough_when_both_are_restricted(string cron, string after, string next) =>
        Assert.Equal(At(next), CronSchedule.Parse(cron).Next(At(after)));

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * 32 * *")]
    [InlineData("* * * 0 *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("*/0 * * * *")]
    [InlineData("*/60 * * * *")]
    [InlineData("*/5/5 * * * *")]
    [InlineData("1-2-3 * * * *")]
    [InlineData("30-10 * * * *")]
    [InlineData("-1 * * * *")]
    [InlineData("+1 * * * *")]
    [InlineData("1, * * * *")]
    [InlineData(", * * * *")]
    [InlineData("a * * * *")]
    [InlineData("* * * * MONDAY")]
    [InlineData("* * L * *")]
    [InlineData("* * ? * *")]
    [InlineData("٣ * * * *")]
    [InlineData("99999999999 * * * *")]
    [InlineData("@reboot")]
    [InlineData("0 0 30 2 *")]
    [InlineData("0 0 31 4,6,9,11 *")]
    public void Parse_refuses_what_is_no_expression_or_never_comes(string cron) =>
        Assert.Throws<JobException>(() => CronSchedule.Parse(cron));

    [Theory]
    [InlineData("Nowhere/Atlantis")]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("W. Europe Standard Time")]
    public void Parse_refuses_a_zone_that_is_no_IANA_name(string zone) =>
        Assert.Throws<JobException>(() => CronSchedule.Parse("* * * * *", zone));

    [Fact]
    public void Parse_refuses_a_long_expression_before_it_reads_it() =>
        Assert.Throws<JobException>(() => CronSchedule.Parse(new string('1', 100_000)));

    [Fact]
    public void Times_are_those_of_the_zones_wall()
    {
        Assert.Equal(
            ["2026-01-15 09:00 +01:00", "2026-01-16 09:00 +01:00"], Runs("0 9 * * *", "Europe/Berlin", "2026-01-15T07:59:00Z", 2));
        Assert.Equal(["2026-07-15 09:00 +02:00"], Runs("0 9 * * *", "Europe/Berlin", "2026-07-15T06:59:00Z", 1));
        Assert.Equal(["2026-01-15 09:00 +05:45"], Runs("0 9 * * *", "Asia/Kathmandu", "2026-01-14T10:00:00Z", 1));
    }

    // Berlin: on 2026-03-29 at 2:00 the clocks show 3:00.
    [Theory]
    [InlineData("30 2 * * *", new[] { "2026-03-28 02:30 +01:00", "2026-03-29 03:00 +02:00", "2026-03-30 02:30 +02:00" })]
    [InlineData("0 2 * * *", new[] { "2026-03-28 02:00 +01:00", "2026-03-29 03:00 +02:00", "2026-03-30 02:00 +02:00" })]
    [InlineData("0 2,3 * * *", new[] { "2026-03-28 02:00 +01:00", "2026-03-28 03:00 +01:00", "2026-03-29 03:00 +02:00", "2026-03-30 02:00 +02:00" })]
    [InlineData("15,45 2 29 * *", new[] { "2026-03-29 03:00 +02:00", "2026-04-29 02:15 +02:00" })]
    public void Named_hour_that_is_left_out_comes_once_at_the_end_of_the_gap(string cron, string[] runs) =>
        Assert.Equal(runs, Runs(cron, "Europe/Berlin", "2026-03-28T00:00:00Z", runs.Length));

    [Theory]
    [InlineData("30 * * * *", new[] { "2026-03-29 01:30 +01:00", "2026-03-29 03:30 +02:00", "2026-03-29 04:30 +02:00" })]
    [InlineData("*/30 * * * *", new[] { "2026-03-29 01:30 +01:00", "2026-03-29 03:00 +02:00", "2026-03-29 03:30 +02:00" })]
    [InlineData("0 */2 * * *", new[] { "2026-03-29 04:00 +02:00", "2026-03-29 06:00 +02:00" })]
    public void Every_hour_has_nothing_to_make_up_for_in_a_gap(string cron, string[] runs) =>
        Assert.Equal(runs, Runs(cron, "Europe/Berlin", "2026-03-29T00:00:00Z", runs.Length));

    // Berlin: on 2026-10-25 at 3:00 the clocks show 2:00 again.
    [Theory]
    [InlineData("30 2 * * *", new[] { "2026-10-25 02:30 +02:00", "2026-10-26 02:30 +01:00" })]
    [InlineData("*/20 2 * * *", new[] { "2026-10-25 02:00 +02:00", "2026-10-25 02:20 +02:00", "2026-10-25 02:40 +02:00", "2026-10-26 02:00 +01:00" })]
    [InlineData("0 3 * * *", new[] { "2026-10-25 03:00 +01:00", "2026-10-26 03:00 +01:00" })]
    public void Named_hour_that_is_repeated_comes_once(string cron, string[] runs) =>
        Assert.Equal(runs, Runs(cron, "Europe/Berlin", "2026-10-24T22:30:00Z", runs.Length));

    [Theory]
    [InlineData("2026-10-24T23:50:00Z", new[] { "2026-10-25 02:00 +02:00", "2026-10-25 02:30 +02:00", "2026-10-25 02:00 +01:00", "2026-10-25 02:30 +01:00", "2026-10-25 03:00 +01:00" })]
    [InlineData("2026-10-25T00:45:00Z", new[] { "2026-10-25 02:00 +01:00", "2026-10-25 02:30 +01:00" })]
    [InlineData("2026-10-25T01:10:00Z", new[] { "2026-10-25 02:30 +01:00", "2026-10-25 03:00 +01:00" })]
    public void Every_hour_runs_in_both_passes_of_a_repeated_one(string after, string[] runs) =>
        Assert.Equal(runs, Runs("*/30 * * * *", "Europe/Berlin", after, runs.Length));

    [Fact]
    public void Named_hour_is_over_when_asked_in_the_second_pass() =>
        Assert.Equal(["2026-10-26 02:30 +01:00"], Runs("30 2 * * *", "Europe/Berlin", "2026-10-25T01:05:00Z", 1));

    [Fact]
    public void Half_an_hours_change_counts_too()
    {
        // Lord Howe Island: 2026-10-04 2:00 becomes 2:30, 2026-04-05 2:00 becomes 1:30.
        Assert.Equal(["2026-10-04 02:30 +11:00", "2026-10-05 02:15 +11:00"], Runs("15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", 2));
        Assert.Equal(
            ["2026-04-05 01:15 +11:00", "2026-04-05 01:45 +11:00", "2026-04-05 01:45 +10:30", "2026-04-05 02:15 +10:30"],
            Runs("15,45 * * * *", "Australia/Lord_Howe", "2026-04-04T14:00:00Z", 4));
    }

    [Fact]
    public void Change_at_midnight_and_a_day_that_never_was()
    {
        // Beirut: 2026-03-29 0:00 becomes 1:00. Apia had no 2011-12-30.
        Assert.Equal(["2026-03-29 01:00 +03:00", "2026-03-30 00:00 +03:00"], Runs("0 0 * * *", "Asia/Beirut", "2026-03-28T12:00:00Z", 2));
        Assert.Equal(
            ["2011-12-29 12:00 -10:00", "2011-12-31 00:00 +14:00", "2011-12-31 12:00 +14:00"], Runs("0 12 * * *", "Pacific/Apia", "2011-12-29T10:00:00Z", 3));
    }

    [Theory]
    [InlineData("*/7 * * * *")]
    [InlineData("13 */3 * * *")]
    [InlineData("15,45 1-3 * * *")]
    [InlineData("30 2 * * SUN")]
    public void Every_run_agrees_with_a_walk_from_minute_to_minute(string cron)
    {
        // The walk knows nothing of jumps: it looks at each minute's time on the wall. It covers both changes of a year.
        foreach (var zoneName in (ReadOnlySpan<string>)["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Havana", "UTC"])
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(zoneName);
            var schedule = CronSchedule.Parse(cron, zoneName);
            var fields = new CronFields(cron);
            foreach (var from in (ReadOnlySpan<string>)["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"])
            {
                var start = At(from + "T00:00:00Z");
                var walked = new List<DateTimeOffset>();
                for (var minute = start.AddMinutes(1); minute <= start.AddDays(3); minute = minute.AddMinutes(1))
                {
                    var wall = TimeZoneInfo.ConvertTime(minute, zone);
                    var before = TimeZoneInfo.ConvertTime(minute.AddMinutes(-1), zone);
                    var matches = fields.Next(wall.DateTime.AddMinutes(-1)) == wall.DateTime;
                    var again = zone.IsAmbiguousTime(wall.DateTime) && wall.Offset == zone.GetAmbiguousTimeOffsets(wall.DateTime).Min();
                    var leftOut = wall.Offset > before.Offset && fields.Next(before.DateTime) < wall.DateTime;
                    if (fields.EveryHour ? matches : (matches && !again) || leftOut)
                        walked.Add(minute);
                }

                Assert.Equal(walked, schedule.NextRuns(10_000, start).TakeWhile(run => run <= start.AddDays(3)));
            }
        }
    }

    [Fact]
    public void Next_is_quick_enough_for_ten_thousand_schedules()
    {
        var schedule = CronSchedule.Parse("30 2 29 2 *", "Europe/Berlin");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++)
            schedule.Next(At("2025-03-01T00:00:00Z"));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"1,000 took {clock.Elapsed}.");
    }

    [Fact]
    public void Next_at_the_ends_of_time_is_none()
    {
        Assert.Null(CronSchedule.Parse("* * * * *").Next(DateTimeOffset.MaxValue));
        Assert.Null(CronSchedule.Parse("* * * * *").Next(DateTimeOffset.MinValue));
    }
}
