using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Tenancy;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Api.Tests.Caching;

/// <summary>
/// A replica with a cached list and a cached detail of nothing but a counter, on the test's Garnet. The tenant is whatever header
/// X-Test-Tenant says; nothing is read from the database.
/// </summary>
internal sealed class AnswerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AnswerHost(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Client { get; }

    public TenantCache Cache => _app.Services.GetRequiredService<TenantCache>();

    public IServiceProvider Services => _app.Services;

    public static async Task<AnswerHost> StartAsync(AnswerSource source, Dictionary<string, string?>? settings = null, string? redis = null)
    {
        redis ??= (await GarnetServer.GetAsync()).ConnectionString;
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        // Two busy cores may take longer than production would wait.
        builder.Configuration["Cache:Timeout"] = "00:00:05";
        foreach (var (name, value) in settings ?? [])
            builder.Configuration[name] = value;
        builder.AddTenantCache();
        builder.AddApiHttp();
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ => ConnectionMultiplexer.Connect($"{redis},abortConnect=false,connectTimeout=2000"));
        builder.Services.AddScoped<TenantContext>();
        builder.Services.AddDbContext<PlatformDb>(options => options.UseNpgsql("Host=nowhere"));
        var app = builder.Build();
        app.UseResponseCompression();
        app.Use((context, next) =>
        {
            if (TenantId.TryParse(context.Request.Headers["X-Test-Tenant"], out var tenant))
                context.RequestServices.GetRequiredService<TenantContext>().Set(tenant);
            return next(context);
        });
        Map(app, source);
        await app.StartAsync();
        return new AnswerHost(app);
    }

    public static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, "things");

    public async Task<HttpResponseMessage> SendAsync(
        TenantId tenant, string url, HttpMethod? method = null, string? ifNoneMatch = null, string? encoding = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, url);
        request.Headers.Add("X-Test-Tenant", tenant.ToString());
        if (ifNoneMatch is not null)
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        if (encoding is not null)
            request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(encoding));
        return await Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static void Map(IEndpointRouteBuilder app, AnswerSource source)
    {
        app.MapGet("/things", ([AsParameters] PageQuery query, string? filter, HttpContext context, CachedAnswers answers) =>
        {
            var tenant = context.RequestServices.GetRequiredService<TenantContext>().Current;
            return answers.GetAsync(
                context, CacheKinds.Reports, [Tag(tenant)], ["list", query.KeyPart, filter ?? ""], (source, query),
                static (_, ask, _) => ask.source.PageAsync(ask.query));
        }).Cached();
        app.MapGet("/things/{id}", (string id, HttpContext context, CachedAnswers answers) =>
        {
            var tenant = context.RequestServices.GetRequiredService<TenantContext>().Current;
            return answers.GetAsync(
                context, CacheKinds.Reports, [Tag(tenant)], ["detail", id], (source, id),
                static (_, ask, _) => ask.source.FindAsync(ask.id), "thing");
        }).Cached();
    }
}

internal sealed record Thing(string Id, string Text, long Version) : IVersioned;

/// <summary>Stands for the database: what it holds, and how often it was read.</summary>
internal sealed class AnswerSource
{
    private int _reads;

    public int Reads => _reads;

    public string Text { get; set; } = "first";

    public Task<Page<Thing>?> PageAsync(PageQuery query)
    {
        var read = Interlocked.Increment(ref _reads);
        Thing[] things = [.. Enumerable.Range(0, query.LimitOrDefault).Select(number => new Thing($"{number}", $"{Text} {number} of many", 1))];
        return Task.FromResult<Page<Thing>?>(new Page<Thing>(things, new Pagination(query.PageOrFirst, query.LimitOrDefault, 1000, $"cursor{read}")));
    }

    public Task<Thing?> FindAsync(string id)
    {
        Interlocked.Increment(ref _reads);
        return Task.FromResult(id == "none" ? null : new Thing(id, Text, 7));
    }
}
