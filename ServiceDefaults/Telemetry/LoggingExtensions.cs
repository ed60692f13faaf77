using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Platform.ServiceDefaults.Telemetry;

internal static class LoggingExtensions
{
    /// <summary>Frameworks that would write several lines a request; configuration can turn each up again.</summary>
    private static readonly string[] Talkative =
        ["Microsoft.AspNetCore", "Microsoft.EntityFrameworkCore.Database.Command", "Npgsql.Command", "System.Net.Http.HttpClient"];

    /// <summary>
    /// One line of JSON a record outside Development, a readable line in Development;
    /// <c>Logging:Console:FormatterName</c> overrides both.
    /// </summary>
    public static void AddPlatformLogging(this IHostApplicationBuilder builder)
    {
        builder.Logging.AddConsoleFormatter<JsonLogFormatter, ConsoleFormatterOptions>();
        if (builder.Configuration["Logging:Console:FormatterName"] is null)
        {
            if (builder.Environment.IsDevelopment())
            {
                builder.Logging.AddSimpleConsole(options =>
                {
                    options.SingleLine = true;
                    options.TimestampFormat = "HH:mm:ss ";
                });
            }
            else
                builder.Logging.AddConsole(options => options.FormatterName = JsonLogFormatter.FormatterName);
        }

        // Every record has its trace and span already: as a scope they would be made into text and exported a second time.
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.None);

        builder.Services.PostConfigure<LoggerFilterOptions>(options =>
        {
            // Of rules for the same category the last one wins: before configuration's, these are defaults.
            foreach (var category in Talkative)
                options.Rules.Insert(0, Warnings(category));

            // With a collector the access log goes there; writing every line twice would cost more than answering does.
            if (!builder.Environment.IsDevelopment() && !string.IsNullOrWhiteSpace(builder.Configuration[TelemetryExtensions.OtlpEndpoint]))
                options.Rules.Insert(0, new(typeof(ConsoleLoggerProvider).FullName, RequestTelemetryMiddleware.AccessLog, LogLevel.Warning, filter: null));

            // The framework's own request log contains query strings, hence tokens. The platform's access log takes its
            // place, and no configuration brings it back.
            options.Rules.Add(Warnings("Microsoft.AspNetCore.Hosting.Diagnostics"));
        });
    }

    private static LoggerFilterRule Warnings(string category) => new(providerName: null, category, LogLevel.Warning, filter: null);
}
