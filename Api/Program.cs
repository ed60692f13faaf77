using Microsoft.Extensions.Hosting;
using Platform.Api.Features.Auth;
using Platform.Api.Features.RateLimits;
using Platform.Api.Features;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Events;
using Platform.Jobs;
using Platform.ServiceDefaults;
using Platform.Statistics;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddApiHttp();
builder.AddRedisClient("redis");
builder.AddPlatformData();
builder.EnrichNpgsqlDbContext<PlatformDb>(settings => (settings.DisableRetry, settings.DisableHealthChecks) = (true, true));
builder.AddJobQueue();
builder.AddTenantEvents();
builder.AddTenantCache();
builder.AddRequestStatistics();
builder.AddRateLimits();
builder.AddAuth();
builder.AddFeatures();

var app = builder.Build();

app.UseForwardedHeaders();
app.UseResponseTime();
app.UseRecentAnswers();
app.UsePlatformProblemDetails();
app.UseResponseCompression();
app.UsePublicAnswers();
app.UseApiPage();
app.UseAuthentication();
app.UseTenant();
app.UseRateLimits();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous().WithoutRateLimit();
app.MapFeatures();

await app.RunAsync();
