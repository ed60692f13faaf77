using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Platform.ServiceDefaults.Telemetry;

/// <summary>
/// One line of JSON a record: <c>time, level, category, event, message, traceId, spanId, tenant.id, enduser.id</c>, the
/// message's parameters under their own names in <c>attributes</c>, and <c>exception</c>.
/// </summary>
internal sealed class JsonLogFormatter(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "platform-json";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (message is null && logEntry.Exception is null)
            return;

        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("time", time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
            json.WriteString("level", LevelName(logEntry.LogLevel));
            json.WriteString("category", logEntry.Category);
            if (logEntry.EventId.Id != 0)
                json.WriteNumber("event", logEntry.EventId.Id);
            json.WriteString("message", Redaction.Scrub(message));
            WriteContext(json);
            WriteAttributes(json, logEntry.State);
            if (logEntry.Exception is { } exception)
                json.WriteString("exception", Redaction.Scrub(exception.ToString()));
            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteContext(Utf8JsonWriter json)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity)
        {
            json.WriteString("traceId", activity.TraceId.ToHexString());
            json.WriteString("spanId", activity.SpanId.ToHexString());
        }

        if (TelemetryTenant.TenantId is { } tenant)
            json.WriteString(TelemetryTags.Tenant, tenant);
        if (TelemetryTenant.UserId is { } user)
            json.WriteString(TelemetryTags.User, user);
    }

    private static void WriteAttributes<TState>(Utf8JsonWriter json, TState state)
    {
        if (state is not IReadOnlyList<KeyValuePair<string, object?>> { Count: > 1 } attributes)
            return;

        json.WriteStartObject("attributes");
        foreach (var (name, value) in attributes)
        {
            if (name == "{OriginalFormat}")
                continue;
            json.WritePropertyName(name);
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case int number: json.WriteNumberValue(number); break;
                case long number: json.WriteNumberValue(number); break;
                case double number when double.IsFinite(number): json.WriteNumberValue(number); break;
                default: json.WriteStringValue(Redaction.Scrub(Convert.ToString(value, CultureInfo.InvariantCulture))); break;
            }
        }

        json.WriteEndObject();
    }

    private static string LevelName(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "critical",
    };
}
