using Platform.Caching;
using Platform.Data;
using Platform.Data.Imports;
using Platform.Data.Webhooks;
using Platform.Events;
using Platform.Jobs;
using Platform.ServiceDefaults;
using Platform.Worker;
using Platform.Worker.Backup;
using Platform.Worker.CacheWarming;
using Platform.Worker.Campaigns;
using Platform.Worker.CleanUp;
using Platform.Worker.Email;
using Platform.Worker.Handlers;
using Platform.Worker.Images;
using Platform.Worker.OutgoingWebhooks;

if (args is ["migrate", ..])
    return await MigrateCommand.RunAsync(args[1..]);
if (args is ["backup", ..])
    return await BackupCommand.RunAsync(args[1..]);
if (args is ["restore", ..])
    return await RestoreCommand.RunAsync(args[1..]);
if (args is [ImageCommand.Name, ..])
    return ImageCommand.Run(args[1..]);

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddPlatformData();
builder.AddRedisClient("redis");
builder.AddTenantEvents();
builder.AddTenantCache();
builder.AddJobWorker();
builder.AddJobTenantEvents();
builder.Services.AddJobHandler<ImportContacts, ImportContactsHandler>();
builder.AddContactImports();
builder.Services.AddJobHandler<ProcessWebhook, ProcessWebhookHandler>();
builder.AddWebhooks();
builder.AddOutgoingWebhooks();
builder.AddEmail();
builder.AddCampaigns();
builder.AddReports();
builder.AddCleanUp();
builder.AddBackup();
builder.AddCacheWarming();
builder.AddImages();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
return 0;
