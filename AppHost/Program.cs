using Platform.AppHost;

var builder = DistributedApplication.CreateBuilder(args);

// Generated at the first start and kept in user secrets; in a deployment, parameters of it.
var appPassword = builder.AddGeneratedSecret("database-app-password");
var queuePassword = builder.AddGeneratedSecret("database-queue-password");
var backupPassword = builder.AddGeneratedSecret("database-backup-password");
var encryptionKey = builder.AddGeneratedSecret("encryption-key");

// Processes, or containers with --containers and when published.
var redis = builder.AddRedisServer("redis");
var postgres = builder.AddPostgresServer("postgres");

// One database, a connection for each role: least privilege for whoever uses it.
var owner = postgres.AddConnection("platform-owner", postgres.AdminName, postgres.AdminPassword);
var platform = postgres.AddConnection("platform", "platform_app", appPassword);
var queue = postgres.AddConnection("platform-queue", "platform_queue", queuePassword);
var backup = postgres.AddConnection("platform-backup", "platform_backup", backupPassword);

var migrations = builder.AddProject<Projects.Worker>("migrations", launchProfileName: null)
    .WithArgs("migrate")
    .WithEnvironment("DOTNET_ENVIRONMENT", builder.Environment.EnvironmentName)
    .WithEnvironment("Database__AppPassword", appPassword)
    .WithEnvironment("Database__QueuePassword", queuePassword)
    .WithEnvironment("Database__BackupPassword", backupPassword)
    .WithEnvironment("Demo__Seed", builder.SeedsDemoData().ToString())
    .WithReference(owner)
    .WaitFor(postgres.Resource);

var api = builder.AddProject<Projects.Api>("api")
    .WithReference(platform)
    .WithReference(redis)
    .WithEnvironment("ENCRYPTION_KEY", encryptionKey)
    // Collects its short-lived objects each 64 MB: left to itself it keeps to so little memory that it collects all the time at full speed.
    .WithEnvironment("DOTNET_GCgen0size", "0x4000000")
    .WithHttpHealthCheck("/health")
    .WithUrlForEndpoint("http", _ => new() { Url = "/swagger", DisplayText = "API page" })
    .WaitFor(redis)
    .WaitForCompletion(migrations);

var realtime = builder.AddProject<Projects.Realtime>("realtime")
    .WithReference(redis)
    .WithReference(api)
    .WithHttpHealthCheck("/health")
    .WaitFor(redis);

builder.AddProject<Projects.Worker>("worker")
    .WithReference(platform)
    .WithReference(queue)
    .WithReference(backup)
    .WithBackups()
    .WithOptOutLinks(api)
    .WithImageLibrary()
    .WithReference(redis)
    .WithEnvironment("ENCRYPTION_KEY", encryptionKey)
    .WithHttpHealthCheck("/health")
    .WaitFor(redis)
    .WaitForCompletion(migrations);

builder.AddProject<Projects.Web>("web")
    .WithReference(api)
    .WithReference(realtime)
    .WithReference(redis)
    .WithHttpHealthCheck("/health")
    .WithExternalHttpEndpoints()
    .WaitFor(redis)
    .WaitFor(api)
    .WaitFor(realtime);

builder.Build().Run();
