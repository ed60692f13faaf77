using System.ComponentModel.DataAnnotations;
using Npgsql;
using Platform.Data.Placement;
using Platform.Jobs.Schedules;

namespace Platform.Worker;

/// <summary>Schedules of the deployment's own jobs. All Workers of one queue need the same: what the leader doesn't know it retires.</summary>
internal static class PlatformSchedules
{
    /// <summary>
    /// Declares a schedule, unless the expression is empty or this Worker serves a placed tenant's queue: the jobs look after all
    /// databases, so the Workers of the common one are enough.
    /// </summary>
    /// <param name="misfire">Once now, unless a run that was missed is of no use any more.</param>
    public static void AddPlatformSchedule<TPayload>(
        this IHostApplicationBuilder builder, string name, string cron, TPayload payload, JobMisfire? misfire = null)
        where TPayload : notnull
    {
        if (!string.IsNullOrWhiteSpace(cron) && !ServesPlacedTenant(builder.Configuration))
            builder.AddJobSchedule(name, cron, "UTC", payload, misfire ?? JobMisfire.RunOnce);
    }

    /// <summary>Settings that are needed before there is a host.</summary>
    /// <exception cref="ValidationException">They aren't valid.</exception>
    public static TOptions ReadOptions<TOptions>(this IHostApplicationBuilder builder, string section)
        where TOptions : class, new()
    {
        var options = builder.Configuration.GetSection(section).Get<TOptions>() ?? new TOptions();
        Validator.ValidateObject(options, new ValidationContext(options), validateAllProperties: true);
        return options;
    }

    private static bool ServesPlacedTenant(IConfiguration configuration)
    {
        var shards = configuration.GetSection(ShardOptions.Section).Get<ShardOptions>() ?? new ShardOptions();
        return PlaceOf(configuration.GetConnectionString("platform-queue")) is { } queue
            && shards.Tenants.Values.Any(name => PlaceOf(configuration.GetConnectionString(name)) == queue)
            && PlaceOf(configuration.GetConnectionString("platform")) != queue;
    }

    private static (string?, int, string?)? PlaceOf(string? connectionString) =>
        string.IsNullOrWhiteSpace(connectionString) ? null
        : new NpgsqlConnectionStringBuilder(connectionString) is var place ? (place.Host, place.Port, place.Database) : null;
}
