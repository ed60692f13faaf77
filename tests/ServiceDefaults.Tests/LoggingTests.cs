using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

/// <summary>On the real console of the process, so one test at a time.</summary>
[Collection(nameof(LoggingTests))]
[CollectionDefinition(nameof(LoggingTests), DisableParallelization = true)]
[Trait("Req", "I3")]
public sealed class LoggingTests : IDisposable
{
    private readonly TextWriter _before = Console.Out;
    private readonly StringWriter _console = new();

    public LoggingTests() => Console.SetOut(TextWriter.Synchronized(_console));

    public void Dispose()
    {
        Console.SetOut(_before);
        _console.Dispose();
    }

    [Fact]
    public async Task Console_outside_development_is_a_line_of_json_a_record()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var app = await StartAsync("Production", tenant);

        var (trace, response) = await app.SendTracedAsync("/work/7");
        using var _ = response;
        await WaitForAsync("\"event\":1001");

        var record = Records().Single(record => record.GetProperty("category").GetString() == "Platform.Test");
        Assert.Equal("warn", record.GetProperty("level").GetString());
        Assert.Equal("Stock of \"shoes\" is 3", record.GetProperty("message").GetString());
        Assert.Equal("shoes", record.GetProperty("attributes").GetProperty("Item").GetString());
        Assert.Equal(3, record.GetProperty("attributes").GetProperty("Count").GetInt32());
        Assert.Equal(trace.ToHexString(), record.GetProperty("traceId").GetString());
        Assert.Equal(16, record.GetProperty("spanId").GetString()!.Length);
        Assert.Equal(tenant.ToString(), record.GetProperty("tenant.id").GetString());
        Assert.Equal("user-1", record.GetProperty("enduser.id").GetString());
        Assert.Contains("InvalidOperationException: out of stock", record.GetProperty("exception").GetString(), StringComparison.Ordinal);
        Assert.True(DateTimeOffset.UtcNow - record.GetProperty("time").GetDateTimeOffset() < TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task Access_log_has_route_status_duration_tenant_and_trace()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var app = await StartAsync("Production", tenant);

        var (trace, response) = await app.SendTracedAsync("/work/7");
        using var _ = response;
        await WaitForAsync("\"event\":1001");

        var access = Records().Single(record => record.TryGetProperty("event", out var id) && id.GetInt32() == 1001);
        var attributes = access.GetProperty("attributes");
        Assert.Equal("GET", attributes.GetProperty("Method").GetString());
        Assert.Equal("/work/{id}", attributes.GetProperty("Route").GetString());
        Assert.Equal("/work/7", attributes.GetProperty("Path").GetString());
        Assert.Equal(200, attributes.GetProperty("StatusCode").GetInt32());
        Assert.True(attributes.GetProperty("Milliseconds").GetDouble() > 0);
        Assert.Equal(trace.ToHexString(), access.GetProperty("traceId").GetString());
        Assert.Equal(tenant.ToString(), access.GetProperty("tenant.id").GetString());
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Logs_never_hold_query_strings_or_tokens_even_at_the_lowest_level(string environment)
    {
        await using var app = await StartAsync(
            environment,
            new TenantId(Guid.CreateVersion7()),
            ("Logging:LogLevel:Default", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore", "Trace"),
            ("Logging:LogLevel:System.Net.Http.HttpClient", "Trace"),
            ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Trace"));

        var (_, response) = await app.SendTracedAsync(
            "/call?access_token=S3CRET&ticket=T1CKET&search=anna%40example.org", headers: ("Authorization", "Bearer S3CRET"));
        response.Dispose();
        await WaitForAsync("(/call)");
        await WaitForAsync("System.Net.Http.HttpClient");
        await WaitForAsync("Microsoft.AspNetCore.Routing");

        var text = _console.ToString();
        Assert.DoesNotContain("S3CRET", text, StringComparison.Ordinal);
        Assert.DoesNotContain("T1CKET", text, StringComparison.Ordinal);
        Assert.DoesNotContain("anna", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probes_are_not_in_the_access_log()
    {
        await using var app = await StartAsync("Production", new TenantId(Guid.CreateVersion7()));

        await app.Client.GetStringAsync("/health");
        await app.Client.GetStringAsync("/work/1");
        await WaitForAsync("\"event\":1001");

        Assert.DoesNotContain("/health", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Console_in_development_is_for_people()
    {
        await using var app = await StartAsync("Development", new TenantId(Guid.CreateVersion7()));

        await app.Client.GetStringAsync("/work/1");
        await WaitForAsync("answered 200");

        Assert.DoesNotContain("{\"time\"", _console.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Formatter_can_be_chosen_by_configuration()
    {
        await using var app = await StartAsync(
            "Development", new TenantId(Guid.CreateVersion7()), ("Logging:Console:FormatterName", "platform-json"));

        await app.Client.GetStringAsync("/work/1");

        await WaitForAsync("\"event\":1001");
    }

    private static Task<TestApp> StartAsync(string environment, TenantId tenant, params (string, string)[] settings) => TestApp.StartAsync(
        map: app =>
        {
            app.Use((context, next) =>
            {
                context.User = new ClaimsPrincipal(new ClaimsIdentity(
                    [new(PlatformClaims.TenantId, tenant.ToString()), new("sub", "user-1")], "test"));
                return next(context);
            });
            app.MapGet("/work/{id}", (ILoggerFactory loggers) => loggers.CreateLogger("Platform.Test").LogWarning(
                new InvalidOperationException("out of stock"), "Stock of \"{Item}\" is {Count}", "shoes", 3));
            app.MapGet("/call", async (IHttpClientFactory clients, HttpContext context) =>
            {
                using var request = new HttpRequestMessage(
                    HttpMethod.Get, $"http://{context.Request.Host}/work/1{context.Request.QueryString}");
                request.Headers.TryAddWithoutValidation("Authorization", "Bearer S3CRET");
                using var response = await clients.CreateClient().SendAsync(request);
            });
        },
        environment: environment,
        settings: [("KeepLogging", "true"), .. settings]);

    private Task WaitForAsync(string text) => Eventually.TrueAsync(
        () => _console.ToString().Contains(text, StringComparison.Ordinal), message: $"'{text}' was never logged.");

    private JsonElement[] Records() =>
    [
        .. _console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => JsonDocument.Parse(line).RootElement),
    ];
}
