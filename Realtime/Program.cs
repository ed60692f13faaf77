using Platform.Events;
using Platform.Realtime;
using Platform.Realtime.Connections;
using Platform.Realtime.EventStream;
using Platform.Realtime.Hubs;
using Platform.Realtime.Security;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddRedisClient("redis");
builder.AddTenantEvents();
builder.AddRealtimeFeeds();
builder.AddRealtimeSecurity();
builder.AddEventsHub();

var app = builder.Build();

app.UseExceptionHandler();
app.UseStatusCodePages();
app.UseRealtimeSecurity();
app.UseMiddleware<ConnectionAdmission>();

app.MapEventStream();
app.MapEventsHub();
app.MapDefaultEndpoints();

app.Run();
