namespace Aspire.Npgsql.EntityFrameworkCore.PostgreSQL;

/// <summary>
/// Settings of a context, from configuration sections <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c> and
/// <c>…:{context}</c>, then code.
/// </summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary>An Npgsql connection string; <c>ConnectionStrings:{name}</c> wins over the section.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Does not repeat a command after a transient failure. Default false.</summary>
    public bool DisableRetry { get; set; }

    /// <summary>Leaves out the health check. Default false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Does not subscribe to Npgsql's spans. Default false.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Does not subscribe to Npgsql's metrics. Default false.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Seconds a command may take; null keeps the provider's default of 30.</summary>
    public int? CommandTimeout { get; set; }
}
