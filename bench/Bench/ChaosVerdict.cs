namespace Platform.Bench;

/// <summary>What must hold after the chaos, by what was sent, what was done and what was recorded.</summary>
internal static class ChaosVerdict
{
    /// <summary>Seconds in which there is time for so many steps.</summary>
    private const int FullLength = 300;

    public static async Task RunAsync(JobsBenchDatabase database, LaneLocks locks, int seconds)
    {
        var sent = await CountAsync("sent");
        var steps = await CountAsync("sent WHERE lane >= 0");
        Report.Line($"{sent:N0} jobs ({sent / (double)seconds:N0}/s), {steps:N0} of them in lanes, {await CountAsync("jobs.attempts WHERE error = 'The worker was lost.'"):N0} attempts lost with their worker, {await CountAsync("jobs.attempts WHERE error <> 'The worker was lost.'"):N0} failed");
        Report.Line($"steps in each lane: {await database.CountAsync("SELECT min(n) FROM (SELECT count(*) AS n FROM sent WHERE lane >= 0 GROUP BY lane) l"):N0} to {await database.CountAsync("SELECT max(n) FROM (SELECT count(*) AS n FROM sent WHERE lane >= 0 GROUP BY lane) l"):N0}");
        await ExactlyAsync("stuck: jobs left 30 s after the last kill", 0, "jobs.pending");
        await ExactlyAsync("jobs recorded that were enqueued", sent, "sent JOIN jobs.job j ON j.id = sent.job_id");
        await ExactlyAsync("jobs recorded in all", sent, "jobs.job");
        await ExactlyAsync("completions recorded", sent, "jobs.finished WHERE state = 'succeeded'");
        await ExactlyAsync("other ends recorded", 0, "jobs.finished WHERE state <> 'succeeded'");
        await ExactlyAsync("jobs without exactly one completion", 0, """
            (SELECT j.id FROM jobs.job j LEFT JOIN jobs.finished f ON f.id = j.id GROUP BY j.id HAVING count(f.id) <> 1)
            """);
        await ExactlyAsync("effects", sent, "steps");
        await ExactlyAsync("effects of what was never sent", 0, "steps WHERE NOT EXISTS (SELECT FROM sent s WHERE (s.lane, s.number) = (steps.lane, steps.number))");
        Report.Exactly("effects counted on accounts", await database.CountAsync("SELECT sum(balance) FROM accounts"), sent);
        await ExactlyAsync("lanes without all of their steps", 0, """
            (SELECT s.lane FROM sent s LEFT JOIN steps e ON (e.lane, e.number) = (s.lane, s.number) WHERE s.lane >= 0
             GROUP BY s.lane HAVING count(e.number) <> count(*)) l
            """);
        if (seconds >= FullLength)
            await ExactlyAsync("lanes of fewer than 100 steps", 0, "(SELECT lane FROM sent WHERE lane >= 0 GROUP BY lane HAVING count(*) < 100) l");
        await ExactlyAsync("lanes: effects out of order", 0, """
            (SELECT number, lag(number, 1, -1) OVER (PARTITION BY lane ORDER BY done) AS before FROM steps WHERE lane >= 0) s WHERE number <> before + 1
            """);
        await ExactlyAsync("lanes: recorded starts before the last end", 0, """
            (SELECT f.started_at, lag(f.finished_at) OVER (PARTITION BY j.tenant_id, j.lane ORDER BY j.seq) AS before
             FROM jobs.job j JOIN jobs.finished f ON f.id = j.id WHERE j.lane IS NOT NULL) l WHERE started_at < before
            """);
        Report.Exactly("lanes: two at once", locks.CountCollisions(), 0);
        await ExactlyAsync("batches not completed exactly", 0, "jobs.batches WHERE open <> 0 OR succeeded <> total OR finished_at IS NULL");
        await ExactlyAsync("batches completed before a member", 0, """
            (SELECT j.batch_id, max(f.finished_at) AS last FROM jobs.job j JOIN jobs.finished f ON f.id = j.id WHERE j.batch_id IS NOT NULL GROUP BY 1) m
            JOIN jobs.batches b ON b.id = m.batch_id JOIN jobs.finished c ON c.id = b.completion_id WHERE c.started_at < m.last
            """);
        await ExactlyAsync("slots still taken", 0, "jobs.slots");
        await ExactlyAsync("jobs started before they were due", 0, "sent JOIN jobs.finished f ON f.id = sent.job_id WHERE f.started_at < due_at");
        await ExactlyAsync("recorded times an hour off", 0, $"""
            (SELECT created_at AS at FROM jobs.job UNION ALL SELECT started_at FROM jobs.finished UNION ALL SELECT finished_at FROM jobs.finished
             UNION ALL SELECT finished_at FROM jobs.attempts UNION ALL SELECT expires_at FROM jobs.workers) t
            WHERE at NOT BETWEEN clock_timestamp() - make_interval(secs => {seconds} + 600) AND clock_timestamp() + interval '10 minutes'
            """);

        Task<long> CountAsync(string from) => database.CountAsync($"SELECT count(*) FROM {from}");

        async Task ExactlyAsync(string what, long expected, string from) => Report.Exactly(what, await CountAsync(from), expected);
    }
}
