using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Tests.Auth;
using Platform.Data.Images;

namespace Platform.Api.Tests.Http;

/// <summary>A tenant of its own with a caller who may do everything, and with two rows in every list.</summary>
internal sealed class FilledTenant(ApiFixture api, Guid id, Guid user, HttpClient client)
{
    /// <summary>$1 the tenant, $2 the caller.</summary>
    private static readonly string[] Rest =
    [
        "INSERT INTO notifications (tenant_id, id, user_id, kind, title) SELECT $1, uuidv7(), $2, 'test', $1::text FROM generate_series(1, 2)",
        "INSERT INTO team_members (tenant_id, team_id, user_id) SELECT m.tenant_id, t.id, m.user_id FROM teams t, memberships m WHERE t.tenant_id = $1 AND m.tenant_id = $1 AND $2 = $2 ON CONFLICT DO NOTHING",
        "INSERT INTO membership_roles (tenant_id, user_id, role_id) SELECT m.tenant_id, m.user_id, r.id FROM roles r, memberships m WHERE r.tenant_id = $1 AND m.tenant_id = $1 AND $2 = $2 ON CONFLICT DO NOTHING",
        "INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload) SELECT $1, uuidv7(), id, n::text, 'x' FROM webhook_sources, generate_series(1, 2) n WHERE tenant_id = $1 AND $2 = $2",
        "INSERT INTO campaign_recipients (tenant_id, campaign_id, contact_id, address) SELECT $1, k.id, c.id, 'a@b.example' FROM campaigns k, contacts c WHERE k.tenant_id = $1 AND c.tenant_id = $1 AND $2 = $2",
        "INSERT INTO campaign_opt_outs (tenant_id, id, address_key, contact_id, campaign_id) SELECT $1, uuidv7(), 'a' || n || '@b.example', $2, $2 FROM generate_series(1, 2) n",
        "INSERT INTO import_rejections (tenant_id, import_id, row_number, line, reason) SELECT $1, id, n, 'x', 'x' FROM imports, generate_series(1, 2) n WHERE tenant_id = $1 AND $2 = $2",
        "INSERT INTO jobs.schedule_runs (tenant_id, schedule_id, due_at, job_id, enqueued_at) SELECT $1, id, date_trunc('hour', now()) - n * interval '1 hour', uuidv7(), now() FROM jobs.schedules, generate_series(1, 2) n WHERE tenant_id = $1 AND $2 = $2",
        // Made again are only those that came to an end.
        "UPDATE webhook_deliveries SET status = 'failed', finished_at = now() WHERE tenant_id = $1 AND $2 = $2",
    ];

    public Guid Id => id;

    /// <summary>The caller's.</summary>
    public Guid User => user;

    public HttpClient Client => client;

    public static async Task<FilledTenant> CreateAsync(ApiFixture api)
    {
        var id = await api.AddTenantAsync("enterprise");
        var user = await api.AddUserAsync(id, TestUsers.AllPermissions);
        await api.ScalarAsync<int>("UPDATE roles SET name = 'admin' WHERE tenant_id = $1 RETURNING 1", id);
        return new FilledTenant(api, id, user.Id, await api.SignInAsync(user));
    }

    /// <summary>Makes two of everything that can be made, in one round more for what needs others' rows, then what comes about otherwise.</summary>
    public async Task FillAsync()
    {
        var operations = await ApiOperation.AllAsync(api);
        await api.Services.GetRequiredService<ImageWorkers>().AnnounceAsync();
        for (var round = 0; round < 3; round++)
        {
            // Not what is done with two things of here: those come first.
            foreach (var operation in operations.Where(one => one.Method == HttpMethod.Post && one.Statuses.Any(status => status is "201" or "202")
                && one.Urls([Guid.Empty]).Single().Split(Guid.Empty.ToString()).Length <= 2))
                (await SendAsync(operation))?.Dispose();
        }
        foreach (var operation in operations.Where(one => one.Method == HttpMethod.Put && !one.HasId && one.Statuses.Contains("412")))
            (await SendAsync(operation))!.Dispose();
        foreach (var statement in Rest)
            await api.ScalarAsync<int>($"{statement} RETURNING 1", id, user);
    }

    /// <summary>Sends what the operation takes to one of the tenant's own rows after the other, until one takes it.</summary>
    /// <returns>Null when none did.</returns>
    public async Task<HttpResponseMessage?> SendAsync(ApiOperation operation, string? idempotencyKey = null)
    {
        var samples = await SamplesAsync();
        foreach (var url in operation.Urls(samples))
        {
            var response = await SendAsync(operation, url, idempotencyKey: idempotencyKey);
            if (response.IsSuccessStatusCode)
                return response;
            Assert.True((int)response.StatusCode < 500, operation.Name);
            response.Dispose();
        }
        return null;
    }

    /// <param name="ifMatch">With its quotes.</param>
    public async Task<HttpResponseMessage> SendAsync(ApiOperation operation, string url, string? ifMatch = null, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(operation.Method, url)
        {
            Content = await ApiBodies.ContentAsync(operation, user, AnyAsync),
        };
        if (ifMatch is not null)
            request.Headers.IfMatch.Add(EntityTagHeaderValue.Parse(ifMatch));
        if (idempotencyKey is not null)
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        return await client.SendAsync(request);
    }

    /// <summary>One id of each table in which the tenant has a row, those of a job and a schedule and the caller's.</summary>
    public async Task<IReadOnlyList<Guid>> SamplesAsync() =>
    [
        .. await TenantRows.SamplesAsync(api, id), user,
        .. await TenantRows.QueryAsync<Guid>(
            api.Admin,
            """
            (SELECT id FROM jobs.job WHERE tenant_id = $1 ORDER BY id LIMIT 1)
            UNION ALL (SELECT id FROM jobs.schedules WHERE tenant_id = $1 ORDER BY id LIMIT 1)
            """,
            id),
    ];

    /// <summary>What the newest of the tenant's rows has in a column, given as <c>table.column</c>.</summary>
    private async Task<Guid> AnyAsync(string column) => (await TenantRows.QueryAsync<Guid>(
        api.Admin, $"SELECT {column} FROM {column.Split('.')[0]} WHERE tenant_id = $1 ORDER BY 1 DESC LIMIT 1", id)).Append(Guid.CreateVersion7()).First();
}
