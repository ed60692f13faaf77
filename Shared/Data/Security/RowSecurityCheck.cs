using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Data.Placement;

namespace Platform.Data.Security;

/// <summary>Reads from the catalog, before anything is served, whether the services' role is held by row-level security.</summary>
internal sealed partial class RowSecurityCheck(TenantDatabases databases, TimeProvider time, ILogger<RowSecurityCheck> logger)
    : IHostedLifecycleService
{
    /// <summary>How long to wait for a database that is still starting; then the orchestrator shall know.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Pause = TimeSpan.FromSeconds(1);

    /// <summary>Tables without tenant data; whatever else the role can read must be protected.</summary>
    private static readonly string[] GlobalTables = ["public.signing_keys", "public.sign_in_failures", "public.plans", "public.errors"];

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        foreach (var database in databases.Databases)
        {
            IReadOnlyList<string>? violations = null;
            while (violations is null)
            {
                try
                {
                    violations = await FindViolationsAsync(database.Primary, cancellationToken);
                }
                catch (NpgsqlException exception) when (exception.IsTransient && time.GetElapsedTime(started) < Patience)
                {
                    LogWaiting(exception);
                    await Task.Delay(Pause, time, cancellationToken);
                }
            }
            if (violations.Count > 0)
                throw new RowSecurityException([.. violations.Select(violation => $"{database.Name}: {violation}")]);
        }
        LogPassed();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <returns>One sentence each; empty when all is well.</returns>
    public static async Task<IReadOnlyList<string>> FindViolationsAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var command = dataSource.CreateCommand(
            """
            WITH me AS (SELECT oid, rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user),
            relation AS (
                SELECT c.oid, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.reloptions,
                       n.nspname || '.' || c.relname AS name,
                       has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                           OR has_table_privilege(c.oid, 'DELETE, TRUNCATE') AS reachable
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
                  AND n.nspname NOT LIKE 'pg\_%' AND n.nspname <> 'information_schema'
                  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))
            SELECT format('role %s is a superuser', rolname) FROM me WHERE rolsuper
            UNION ALL
            SELECT format('role %s may bypass row-level security', rolname) FROM me WHERE rolbypassrls
            UNION ALL
            SELECT format('role %s can become %s, who owns %s', me.rolname, o.rolname, min(r.name))
                FROM me, relation r JOIN pg_roles o ON o.oid = r.relowner
                WHERE pg_has_role(me.oid, o.oid, 'MEMBER') AND NOT me.rolsuper GROUP BY me.rolname, o.rolname
            UNION ALL
            SELECT format('table %s has no forced row-level security', name) FROM relation
                WHERE relkind IN ('r', 'p', 'f') AND reachable AND name <> ALL ($1) AND NOT (relrowsecurity AND relforcerowsecurity)
            UNION ALL
            SELECT format('table %s has no policy that asks for the tenant', r.name) FROM relation r
                WHERE relkind IN ('r', 'p') AND reachable AND name <> ALL ($1) AND relrowsecurity
                  AND NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = r.oid AND p.polpermissive
                                  AND pg_get_expr(p.polqual, p.polrelid) LIKE '%app.tenant_id%')
            UNION ALL
            SELECT format('table %s: policy %s does not ask for the tenant', r.name, p.polname) FROM relation r
                JOIN pg_policy p ON p.polrelid = r.oid
                WHERE r.reachable AND p.polpermissive
                  AND EXISTS (SELECT FROM unnest(p.polroles) AS role (oid), me
                              WHERE CASE WHEN role.oid = 0 THEN true ELSE pg_has_role(me.oid, role.oid, 'MEMBER') END)
                  AND (COALESCE(pg_get_expr(p.polqual, p.polrelid), 'app.tenant_id') NOT LIKE '%app.tenant_id%'
                       OR COALESCE(pg_get_expr(p.polwithcheck, p.polrelid), 'app.tenant_id') NOT LIKE '%app.tenant_id%')
            UNION ALL
            SELECT format('table %s may be truncated, which no policy sees', name) FROM relation
                WHERE relkind IN ('r', 'p') AND has_table_privilege(oid, 'TRUNCATE')
            UNION ALL
            SELECT format('view %s is not security_invoker', name) FROM relation
                WHERE relkind = 'v' AND reachable
                  AND NOT COALESCE(reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on'], false)
            UNION ALL
            SELECT format('materialised view %s holds rows no policy guards', name) FROM relation WHERE relkind = 'm' AND reachable
            UNION ALL
            SELECT 'there are no tables: the migrations have not run' WHERE NOT EXISTS (SELECT FROM relation WHERE name = 'public.tenants')
            """);
        command.Parameters.AddWithValue(GlobalTables);
        var violations = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            violations.Add(reader.GetString(0));
        return violations;
    }

    [LoggerMessage(6011, LogLevel.Warning, "The database can't be reached yet")]
    private partial void LogWaiting(Exception exception);

    [LoggerMessage(6010, LogLevel.Information, "Row-level security is in force for this service's role")]
    private partial void LogPassed();
}
