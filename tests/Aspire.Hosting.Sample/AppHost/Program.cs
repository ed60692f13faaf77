using Microsoft.Extensions.Configuration;

// An application with something of each kind, for the tests of the stand-in for Aspire's hosting packages.
var builder = DistributedApplication.CreateBuilder(args);

var greeting = builder.AddParameter("greeting", "hello");
var service = builder.AddProject<Projects.SampleService>("service")
    .WithReplicas(builder.Configuration.GetValue("Replicas", 1))
    .WithEnvironment("GREETING", $"{greeting} world")
    .WithHttpHealthCheck("/health")
    .WithHttpCommand("/touch", "Touch", commandName: "touch");

builder.AddExecutable("client", "sleep", ".", "1000")
    .WithReference(service)
    .WaitFor(service);

builder.Build().Run();
