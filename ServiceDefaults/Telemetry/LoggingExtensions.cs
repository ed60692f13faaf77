using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Platform.ServiceDefaults.Telemetry;

internal static class LoggingExtensions
{
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

        // The framework's own request log contains query strings, hence tokens. The platform's access log takes its place,
        // and no configuration brings it back.
        builder.Services.PostConfigure<LoggerFilterOptions>(options => options.Rules.Add(new LoggerFilterRule(
            providerName: null, "Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning, filter: null)));
    }
}
