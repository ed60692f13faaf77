using System.Text.Json;
using Platform.Api.Tests.Auth;

namespace Platform.Api.Tests.Jobs;

/// <summary>What tests of looking after jobs need.</summary>
internal static class JobAdminCalls
{
    public const string Url = "/api/admin/jobs";

    public static async Task<(Guid Tenant, HttpClient Client)> AddJobTenantAsync(this ApiFixture api, params string[] permissions)
    {
        var tenant = await api.AddTenantAsync();
        return (tenant, await api.SignInAsync(await api.AddUserAsync(tenant, permissions)));
    }

    public static async Task<JsonElement> QueueAsync(HttpClient client, string name, string query = "") =>
        (await (await client.GetAsync($"{Url}/queues{query}")).JsonAsync()).GetProperty("queues").EnumerateArray().Single(queue => queue.Text("name") == name);

    public static Task<string> JobStateAsync(this ApiFixture api, Guid job) => api.ScalarAsync<string>("SELECT state FROM jobs.finished WHERE id = $1", job);

    public static Task<long> PausesAsync(this ApiFixture api, Guid tenant) => api.ScalarAsync<long>("SELECT count(*) FROM jobs.paused_tenants WHERE tenant_id = $1", tenant);

    public static Task<long> NotesAsync(this ApiFixture api, string action, Guid subject) =>
        api.ScalarAsync<long>("SELECT count(*) FROM operator_audit WHERE action = $1 AND subject = $2", action, subject.ToString());

    /// <summary>A job as if a service had enqueued it, and, for a state, as if it had ended so at its first attempt.</summary>
    public static async Task<Guid> AddJobAsync(this ApiFixture api, Guid tenant, string? ended = null)
    {
        var id = await api.ScalarAsync<Guid>(
            """
            WITH hot AS (
                INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
                VALUES ($1, $2, now(), 3, 50, 0, 'emails') RETURNING seq)
            INSERT INTO jobs.job (id, seq, tenant_id, timeout_seconds, retention_days, max_attempts, priority, type, queue, payload)
            SELECT $1, seq, $2, 60, 7, 3, 50, 'emails.test', 'emails', $3::json FROM hot RETURNING id
            """,
            Guid.CreateVersion7(), tenant, $$"""{"to":"somebody@example.com","id":"{{Guid.Empty}}","n":5,"on":true,"list":["x",null]}""");
        if (ended is not null)
        {
            await api.ScalarAsync<Guid>(
                """
                WITH gone AS (DELETE FROM jobs.pending WHERE id = $1),
                history AS (
                    INSERT INTO jobs.attempts (job_id, tenant_id, attempt, started_at, finished_at, worker, error, detail)
                    VALUES ($1, $2, 1, now(), now(), 7, 'broken', 'StackTrace'))
                INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state, error)
                VALUES ($1, $2, now(), now(), 1, $3, 'broken') RETURNING id
                """,
                id, tenant, ended);
        }
        return id;
    }
}
