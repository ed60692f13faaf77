using System.Diagnostics;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Trace;
using Platform.ServiceDefaults.Telemetry;
using Platform.Tenancy;
using Platform.Testing;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "I2")]
public sealed class TracingTests : IDisposable
{
    private static readonly ActivitySource Source = new("Platform.Test");

    private readonly Spans _spans = new();

    public void Dispose() => _spans.Dispose();

    [Fact]
    public async Task Request_span_follows_the_semantic_conventions()
    {
        await using var app = await StartAsync(app => app.MapGet("/items/{id}", (string id) => id));

        var (trace, response) = await app.SendTracedAsync("/items/7?access_token=secret&search=anna");
        using var _ = response;

        var span = await _spans.ServerAsync(trace);
        Assert.Equal("GET /items/{id}", span.DisplayName);
        Assert.Equal("GET", span.GetTagItem("http.request.method"));
        Assert.Equal("/items/{id}", span.GetTagItem("http.route"));
        Assert.Equal(200, span.GetTagItem("http.response.status_code"));
        Assert.Equal("http", span.GetTagItem("url.scheme"));
        Assert.Equal("/items/7", span.GetTagItem("url.path"));
        Assert.Equal(ActivityStatusCode.Unset, span.Status);
        Assert.DoesNotContain(span.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal) || $"{tag.Value}".Contains("anna", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/nothing", "GET", 404, ActivityStatusCode.Unset)]
    [InlineData("/unavailable", "GET /unavailable", 503, ActivityStatusCode.Error)]
    [InlineData("/boom", "GET /boom", 500, ActivityStatusCode.Error)]
    public async Task Request_span_of_a_failure_says_whose_fault_it_is(string path, string name, int status, ActivityStatusCode expected)
    {
        await using var app = await StartAsync(MapFailures);

        var (trace, response) = await app.SendTracedAsync(path);
        using var _ = response;

        var span = await _spans.ServerAsync(trace);
        Assert.Equal(name, span.DisplayName);
        Assert.Equal(status, span.GetTagItem("http.response.status_code"));
        Assert.Equal(expected, span.Status);
        Assert.Equal(
            status switch { 500 => typeof(InvalidOperationException).FullName, 503 => "503", _ => null },
            span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task Request_span_keeps_route_and_error_when_problem_details_answer()
    {
        await using var app = await TestApp.StartAsync(
            builder =>
            {
                Collect(builder);
                builder.AddPlatformProblemDetails();
            },
            app =>
            {
                app.UsePlatformProblemDetails();
                MapFailures(app);
            });

        var (trace, response) = await app.SendTracedAsync("/boom");
        using var _ = response;

        var span = await _spans.ServerAsync(trace);
        Assert.Equal("GET /boom", span.DisplayName);
        Assert.Equal(500, span.GetTagItem("http.response.status_code"));
        Assert.Equal(typeof(InvalidOperationException).FullName, span.GetTagItem("error.type"));
    }

    [Fact]
    public async Task Unknown_method_is_no_part_of_the_name()
    {
        await using var app = await StartAsync(app => app.Map("/items", () => "x"));

        var (trace, response) = await app.SendTracedAsync("/items", new HttpMethod("GUESS"));
        using var _ = response;

        Assert.Equal("HTTP /items", (await _spans.ServerAsync(trace)).DisplayName);
    }

    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task Probe_makes_no_span_and_neither_does_anything_inside(string path)
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            Collect(builder);
            builder.Services.AddHealthChecks().AddCheck(
                "traced",
                () =>
                {
                    using var activity = Source.StartActivity("inside a check");
                    return Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy();
                },
                ["live"]);
        });

        var (probe, response) = await app.SendTracedAsync(path);
        using var _ = response;
        var (request, other) = await app.SendTracedAsync("/nothing");
        using var __ = other;

        await _spans.ServerAsync(request);
        Assert.Empty(_spans.Of(probe));
    }

    [Fact]
    public async Task Request_spans_carry_tenant_and_user_of_the_token()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var app = await StartAsync(app =>
        {
            SignIn(app, tenant, "user-1");
            app.MapGet("/work", async () =>
            {
                await Task.Yield();
                using var inner = Source.StartActivity("inner");
                await Task.Run(() => Source.StartActivity("innermost")?.Dispose());
            });
        });

        var (trace, response) = await app.SendTracedAsync("/work");
        using var _ = response;

        await _spans.ServerAsync(trace);
        var spans = _spans.Of(trace);
        Assert.Equal(3, spans.Length);
        Assert.All(spans, span =>
        {
            Assert.Equal(tenant.ToString(), span.GetTagItem("tenant.id"));
            Assert.Equal("user-1", span.GetTagItem("enduser.id"));
        });
    }

    [Fact]
    [Trait("Req", "G1")]
    public async Task Hub_call_carries_the_tenant_of_the_connection()
    {
        var tenant = new TenantId(Guid.CreateVersion7());
        await using var app = await TestApp.StartAsync(
            builder =>
            {
                Collect(builder);
                builder.Services.AddSignalR();
            },
            app =>
            {
                SignIn(app, tenant, "user-1");
                app.MapHub<WorkHub>("/hub");
            });
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{app.Client.BaseAddress!.Authority}/hub"), CancellationToken.None);

        await SendAsync(socket, """{"protocol":"json","version":1}""");
        await SendAsync(socket, """{"type":1,"target":"Work","arguments":[]}""");

        Activity? span = null;
        await Eventually.TrueAsync(() => (span = _spans.All.FirstOrDefault(item => item.OperationName == "hub work")) is not null);
        Assert.Equal(tenant.ToString(), span!.GetTagItem("tenant.id"));

        static Task SendAsync(ClientWebSocket socket, string message) => socket.SendAsync(
            Encoding.UTF8.GetBytes(message + '\u001e'), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
    }

    [Fact]
    public async Task Request_without_a_token_has_no_tenant()
    {
        await using var app = await StartAsync(app => app.MapGet("/work", () => "x"));

        var (trace, response) = await app.SendTracedAsync("/work", headers: ("X-Tenant", "acme"));
        using var _ = response;

        Assert.Null((await _spans.ServerAsync(trace)).GetTagItem("tenant.id"));
    }

    [Fact]
    public async Task Baggage_is_neither_taken_from_callers_nor_sent_on()
    {
        await using var downstream = await StartAsync(app => app.MapGet("/headers", (HttpContext context) =>
            string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"))));
        await using var app = await StartAsync(app => app.MapGet("/call", async (IHttpClientFactory clients) =>
        {
            Activity.Current!.AddBaggage("secret", "leaked");
            return await clients.CreateClient().GetStringAsync(new Uri(downstream.Client.BaseAddress!, "/headers"));
        }));

        var (trace, response) = await app.SendTracedAsync("/call", headers: [("baggage", "from=outside"), ("tracestate", "vendor=1")]);
        using var _ = response;
        var headers = await response.Content.ReadAsStringAsync();

        Assert.Contains($"traceparent: 00-{trace}", headers, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("tracestate: vendor=1", headers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("leaked", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("outside", headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outgoing_call_is_a_client_span_without_the_query_string()
    {
        await using var app = await StartAsync(app =>
        {
            app.MapGet("/target", () => "x");
            app.MapGet("/call", (IHttpClientFactory clients, HttpContext context) =>
                clients.CreateClient().GetStringAsync(new Uri($"http://{context.Request.Host}/target?access_token=secret")));
        });

        var (trace, response) = await app.SendTracedAsync("/call");
        using var _ = response;

        var client = Assert.Single(_spans.Of(trace), span => span.Kind == ActivityKind.Client);
        Assert.Equal("System.Net.Http", client.Source.Name);
        Assert.StartsWith($"http://{app.Client.BaseAddress!.Authority}/target", $"{client.GetTagItem("url.full")}", StringComparison.Ordinal);
        Assert.DoesNotContain(client.TagObjects, tag => $"{tag.Value}".Contains("secret", StringComparison.Ordinal));
    }

    private sealed class WorkHub : Hub
    {
        public Task Work()
        {
            Source.StartActivity("hub work")?.Dispose();
            return Clients.Caller.SendAsync("done");
        }
    }

    private Task<TestApp> StartAsync(Action<WebApplication> map) => TestApp.StartAsync(Collect, map);

    private void Collect(WebApplicationBuilder builder) =>
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(_spans));

    private static void SignIn(WebApplication app, TenantId tenant, string user) => app.Use((context, next) =>
    {
        context.User = new ClaimsPrincipal(new ClaimsIdentity(
            [new(PlatformClaims.TenantId, tenant.ToString()), new("sub", user)], "test"));
        return next(context);
    });

    private static void MapFailures(WebApplication app)
    {
        app.MapGet("/boom", string () => throw new InvalidOperationException("internal"));
        app.MapGet("/unavailable", () => Results.StatusCode(503));
    }
}
