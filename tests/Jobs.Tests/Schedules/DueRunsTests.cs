using Platform.Jobs.Schedules;

namespace Platform.Jobs.Tests.Schedules;

[Trait("Req", "F2")]
public sealed class DueRunsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CronSchedule EveryMinute = CronSchedule.Parse("* * * * *");
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private static string[] Of(CronSchedule cron, DateTimeOffset due, DateTimeOffset now, JobMisfire misfire) =>
        [.. DueRuns.Of(cron, due, now, Grace, misfire).Select(run => $"{run:HH:mm}")];

    [Fact]
    public void On_time_it_runs_whatever_the_policy()
    {
        foreach (var misfire in (ReadOnlySpan<JobMisfire>)[JobMisfire.Skip, JobMisfire.RunOnce, JobMisfire.RunAll()])
            Assert.Equal(["12:00"], Of(EveryMinute, Noon, Noon.AddSeconds(2), misfire));
    }

    [Fact]
    public void Missed_runs_are_left_out_made_up_for_once_or_all_up_to_the_bound()
    {
        var hourly = CronSchedule.Parse("0 * * * *");
        var now = Noon.AddMinutes(30);

        Assert.Empty(Of(hourly, Noon.AddHours(-5), now, JobMisfire.Skip));
        Assert.Equal(["12:00"], Of(hourly, Noon.AddHours(-5), now, JobMisfire.RunOnce));
        Assert.Equal(["10:00", "11:00", "12:00"], Of(hourly, Noon.AddHours(-5), now, JobMisfire.RunAll(3)));
        Assert.Equal(["07:00", "08:00", "09:00", "10:00", "11:00", "12:00"], Of(hourly, Noon.AddHours(-5), now, JobMisfire.RunAll(10)));
    }

    [Fact]
    public void Run_that_is_on_time_makes_up_for_those_before_it() =>
        Assert.Equal(["12:00"], Of(CronSchedule.Parse("0 * * * *"), Noon.AddHours(-5), Noon.AddSeconds(5), JobMisfire.RunOnce));

    [Fact]
    public void Years_without_a_leader_take_no_longer()
    {
        var runs = DueRuns.Of(EveryMinute, Noon.AddYears(-10), Noon.AddSeconds(90), Grace, JobMisfire.RunAll(1000));

        Assert.Equal((1000, Noon.AddMinutes(1), Noon.AddMinutes(-998)), (runs.Count, runs[^1], runs[0]));
        Assert.Equal(["00:00"], Of(CronSchedule.Parse("@yearly"), Noon.AddYears(-10).AddDays(-59).AddHours(-12), Noon, JobMisfire.RunOnce));
    }
}
