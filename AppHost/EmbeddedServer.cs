using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Platform.Embedded;

namespace Platform.AppHost;

/// <summary>A server that runs as a process of the application, prepared (fetched, initialised) by <c>Shared/Embedded</c>.</summary>
internal sealed class EmbeddedServerResource(string name, IResourceBuilder<ParameterResource> password)
    : ExecutableResource(name, name, "."), IResourceWithConnectionString
{
    public IResourceBuilder<ParameterResource> Password { get; } = password;

    public EndpointReference Endpoint => field ??= new EndpointReference(this, "tcp");

    public required Func<EndpointReference, IResourceBuilder<ParameterResource>, ReferenceExpression> ConnectionString { get; init; }

    public ReferenceExpression ConnectionStringExpression => ConnectionString(Endpoint, Password);
}

internal static class EmbeddedServerExtensions
{
    public static IResourceBuilder<EmbeddedServerResource> AddEmbeddedServer(
        this IDistributedApplicationBuilder builder,
        string name,
        Func<IProgress<string>, CancellationToken, Task<PreparedServer>> prepare,
        Func<EndpointReference, IResourceBuilder<ParameterResource>, ReferenceExpression> connectionString,
        Func<PreparedServer, int, CancellationToken, Task> check)
    {
        // Starts now, beside everything else that starting takes: a first run fetches the server here.
        var prepared = Task.Run(() => prepare(new ConsoleProgress(name), CancellationToken.None));

        // Resolved only after preparing has ended, below.
        var password = builder.AddParameter($"{name}-password", () => prepared.GetAwaiter().GetResult().Password, secret: true);
        var server = builder.AddResource(new EmbeddedServerResource(name, password) { ConnectionString = connectionString })
            .WithEndpoint(scheme: "tcp", name: "tcp")
            .WithHealthCheck($"{name}_check");

        server.WithArgs(async context =>
        {
            var port = server.Resource.Endpoint.Property(EndpointProperty.TargetPort);
            foreach (var argument in (await prepared).Arguments)
                context.Args.Add(argument == PreparedServer.PortPlaceholder ? port : argument);
        });
        server.WithEnvironment(async context =>
        {
            foreach (var (key, value) in (await prepared).Environment)
                context.EnvironmentVariables[key] = value;
        });
        builder.Eventing.Subscribe<BeforeStartEvent>(async (_, cancellationToken) =>
        {
            try
            {
                var ready = await prepared.WaitAsync(cancellationToken);
                server.WithCommand(ready.Command).WithWorkingDirectory(ready.WorkingDirectory);
            }
            catch (EmbeddedServerException exception)
            {
                throw new DistributedApplicationException($"{name} can't run: {exception.Message}", exception);
            }
        });
        builder.Services.AddHealthChecks().AddAsyncCheck($"{name}_check", async cancellationToken =>
        {
            try
            {
                await check(await prepared, server.Resource.Endpoint.Port, cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                return HealthCheckResult.Unhealthy($"{name} doesn't answer.", exception);
            }
        });
        return server;
    }
}
