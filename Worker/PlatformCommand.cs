using Npgsql;
using Platform.ServiceDefaults;

namespace Platform.Worker;

/// <summary>Runs something that comes to an end, with the telemetry of a service. Exit code 0, or 1 with one line that says what is wrong.</summary>
internal static partial class PlatformCommand
{
    /// <param name="name">The logger's.</param>
    /// <param name="failure">What to say, before the reason, when it fails.</param>
    /// <param name="add">Adds what the command needs.</param>
    public static async Task<int> RunAsync(
        string name, string failure, string[] args, Func<IServiceProvider, IConfiguration, ILogger, CancellationToken, Task> run,
        Action<HostApplicationBuilder>? add = null)
    {
        var builder = Host.CreateApplicationBuilder(args);

        // Others wait for the command to end: a collector that isn't up yet must not hold that up.
        builder.Configuration["OTEL_EXPORTER_OTLP_TIMEOUT"] ??= "200";
        builder.AddServiceDefaults();
        add?.Invoke(builder);
        using var host = builder.Build();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger($"Platform.Worker.{name}");
        try
        {
            await host.StartAsync();
            var stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            await run(host.Services, builder.Configuration, logger, stopping);
            return 0;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
        catch (Exception e)
        {
            LogFailed(logger, failure, Reason(e));
            return 1;
        }
        finally
        {
            // Traces and logs of the command leave with the host.
            await host.StopAsync(CancellationToken.None);
        }
    }

    /// <exception cref="InvalidOperationException">It is not set.</exception>
    public static string RequireConnectionString(this IConfiguration configuration, string name, string what) =>
        configuration.GetConnectionString(name) is { } value && !string.IsNullOrWhiteSpace(value)
            ? value
            : throw new InvalidOperationException($"ConnectionStrings:{name} is not set: {what} is needed.");

    private static string Reason(Exception exception) => exception switch
    {
        PostgresException e => $"{e.MessageText} ({e.SqlState})",
        NpgsqlException { InnerException: { } inner } => inner.Message,
        _ => exception.Message,
    };

    [LoggerMessage(3000, LogLevel.Critical, "{Failure}: {Reason}")]
    private static partial void LogFailed(ILogger logger, string failure, string reason);
}
