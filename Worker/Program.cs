using Platform.Data;
using Platform.Data.Imports;
using Platform.Events;
using Platform.Jobs;
using Platform.ServiceDefaults;
using Platform.Worker;
using Platform.Worker.Handlers;

if (args is ["migrate", ..])
    return await MigrateCommand.RunAsync(args[1..]);

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddPlatformData();
builder.AddRedisClient("redis");
builder.AddTenantEvents();
builder.AddJobWorker();
builder.AddJobTenantEvents();
builder.Services.AddJobHandler<ImportContacts, ImportContactsHandler>();
builder.AddContactImports();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
return 0;
