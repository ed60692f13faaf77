using Microsoft.Extensions.Hosting;
using Platform.Api.Features.Appointments;
using Platform.Api.Features.ApiKeys;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Contacts;
using Platform.Api.Features.Health;
using Platform.Api.Features.Imports;
using Platform.Api.Features.Jobs;
using Platform.Api.Features.Members;
using Platform.Api.Features.Operators;
using Platform.Api.Features.Performance;
using Platform.Api.Features.RateLimits;
using Platform.Api.Features.Realtime;
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
builder.AddApiKeys();
builder.Services.AddScoped<MemberCommands>();
builder.Services.AddSingleton<OperatorStore>();
builder.AddImports();
builder.AddHealthReport();

var app = builder.Build();

app.UseForwardedHeaders();
app.UseResponseTime();
app.UseRecentAnswers();
app.UsePlatformProblemDetails();
app.UseResponseCompression();
app.UseAuthentication();
app.UseTenant();
app.UseRateLimits();
app.UseAuthorization();

app.MapDefaultEndpoints();
app.MapOpenApi().AllowAnonymous().WithoutRateLimit();
app.MapAppointments();
app.MapAuth();
app.MapApiKeys();
app.MapContacts();
app.MapHealthReport();
app.MapImports();
app.MapJobs();
app.MapMembers();
app.MapOperators();
app.MapPerformance();
app.MapRealtime();

await app.RunAsync();
