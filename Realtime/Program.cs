using Platform.Events;
using Platform.Realtime;
using Platform.Realtime.Connections;
using Platform.Realtime.EventStream;
using Platform.Realtime.Hubs;
using Platform.Realtime.Security;
using Platform.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddPlatformProblemDetails();
builder.AddRedisClient("redis");
builder.AddTenantEvents();
builder.AddRealtimeFeeds();
builder.AddRealtimeSecurity();
builder.AddEventsHub();

var app = builder.Build();

app.UsePlatformProblemDetails();
app.UseRealtimeSecurity();
app.UseWebSockets();
app.UseMiddleware<ConnectionAdmission>();

app.MapEventStream();
app.MapEventsHub();
app.MapDefaultEndpoints();

app.Run();
