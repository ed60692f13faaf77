using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Platform.ServiceDefaults.Tests;

/// <summary>A service with the defaults, on a real Kestrel and a free port.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private TestApp(WebApplication app)
    {
        App = app;
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        // No activity of its own: what a test finds comes from the service.
        Client = new HttpClient(new SocketsHttpHandler { ActivityHeadersPropagator = null })
        {
            BaseAddress = new Uri(address),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public WebApplication App { get; }

    public HttpClient Client { get; }

    public static async Task<TestApp> StartAsync(
        Action<WebApplicationBuilder>? configure = null,
        Action<WebApplication>? map = null,
        string environment = "Production",
        params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        builder.Configuration["Shutdown:DrainDelay"] = "00:00:00";
        // A test that looks at a trace mustn't depend on the one in ten that is kept.
        builder.Configuration["OTEL_TRACES_SAMPLER"] = "parentbased_always_on";
        foreach (var (key, value) in settings)
            builder.Configuration[key] = value;
        builder.AddServiceDefaults();
        if (settings.All(setting => setting.Key != "KeepLogging"))
            builder.Logging.ClearProviders();
        configure?.Invoke(builder);

        var app = builder.Build();
        map?.Invoke(app);
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return new TestApp(app);
    }

    /// <summary>Sends a request as part of a trace of its own; <see cref="Activity.TraceId"/> of what follows from it is the result's.</summary>
    public async Task<(ActivityTraceId Trace, HttpResponseMessage Response)> SendTracedAsync(
        string path,
        HttpMethod? method = null,
        params (string Name, string Value)[] headers)
    {
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        return (trace, await Client.SendAsync(request));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await App.StopAsync();
        await App.DisposeAsync();
    }
}
