using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Statistics.Tests;

/// <summary>A service that records its requests, on Kestrel; it sends figures when told to, unless an interval is set.</summary>
internal sealed class Recorder : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Recorder(WebApplication app) => (_app, Client) = (app, new HttpClient
    {
        BaseAddress = new Uri(app.Services.GetRequiredService<Microsoft.AspNetCore.Hosting.Server.IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()),
    });

    public HttpClient Client { get; }

    public StatisticsReader Reader => _app.Services.GetRequiredService<StatisticsReader>();

    public LocalStatistics Local => _app.Services.GetRequiredService<LocalStatistics>();

    public StatisticsFlusher Flusher => _app.Services.GetRequiredService<StatisticsFlusher>();

    public IDatabase Database => _app.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    public LogRecords Log { get; private init; } = new();

    public static async Task<Recorder> StartAsync(
        TimeProvider? time = null, string? redis = null, Action<WebApplication>? map = null, params (string Name, string Value)[] settings)
    {
        redis ??= (await GarnetServer.GetAsync()).ConnectionString;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        // Two busy cores may take longer than production would wait.
        builder.Configuration.AddInMemoryCollection(
            [new("Statistics:FlushInterval", "00:00:30"), new("Statistics:Timeout", "00:00:05"), .. settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value))]);
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"{redis},abortConnect=false,connectTimeout=2000"));
        if (time is not null)
            builder.Services.AddSingleton(time);
        var log = new LogRecords();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.AddRequestStatistics();
        var app = builder.Build();
        map?.Invoke(app);
        await app.StartAsync();
        return new Recorder(app) { Log = log };
    }

    /// <summary>As if these requests had been answered.</summary>
    public void Record(string route, params IEnumerable<double> milliseconds)
    {
        var recorder = _app.Services.GetRequiredService<RequestRecorder>().For(Endpoints.Get(route));
        var options = _app.Services.GetRequiredService<IOptions<StatisticsOptions>>().Value;
        foreach (var latency in milliseconds)
        {
            recorder.Record(
                (long)(latency * 1000),
                (latency > options.SlowRequest.TotalMilliseconds ? RequestMarks.Slow : 0)
                | (latency > options.Target.TotalMilliseconds ? RequestMarks.Late : 0));
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
