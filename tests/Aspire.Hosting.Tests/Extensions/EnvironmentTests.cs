using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Aspire.Hosting.Tests.Extensions;

/// <summary>What a resource is told about others, with addresses given out by the test.</summary>
[Trait("Req", "A1")]
public class EnvironmentTests
{
    private readonly IDistributedApplicationBuilder _builder =
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public async Task WithReference_to_a_service_gives_discovery_variables()
    {
        var api = _builder.AddProject<Projects.SampleService>("my-api").WithHttpEndpoint(name: "metrics");
        Allocate(api.Resource, 5000);
        var client = _builder.AddExecutable("client", "true", ".").WithReference(api);

        var variables = await VariablesAsync(client);

        Assert.Equal("http://localhost:5000", variables["services__my-api__http__0"]);
        Assert.Equal("http://localhost:5000", variables["MY_API_HTTP"]);
        Assert.Equal("http://localhost:5001", variables["services__my-api__metrics__0"]);
        Assert.Contains(
            client.Resource.Annotations.OfType<ResourceRelationshipAnnotation>(), r => r.Resource == api.Resource && r.Type == "Reference");
    }

    [Fact]
    public async Task WithReference_to_one_endpoint_twice_stays_one()
    {
        var api = _builder.AddProject<Projects.SampleService>("api");
        Allocate(api.Resource, 5000);
        var client = _builder.AddExecutable("client", "true", ".").WithReference(api.GetEndpoint("http")).WithReference(api);

        var variables = await VariablesAsync(client);

        Assert.Single(variables.Keys, k => k.StartsWith("services__api__http__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WithReference_to_Redis_gives_connection_string_and_properties()
    {
        var password = _builder.AddParameter("password", "p@ss", secret: true);
        var redis = _builder.AddRedis("redis", password: password);
        Allocate(redis.Resource, 6000);
        var client = _builder.AddExecutable("client", "true", ".").WithReference(redis).WithReference(redis, "cache");

        var variables = await VariablesAsync(client);

        Assert.Equal("localhost:6000,password=p@ss", variables["ConnectionStrings__redis"]);
        Assert.Equal("localhost:6000,password=p@ss", variables["ConnectionStrings__cache"]);
        Assert.Equal("localhost", variables["REDIS_HOST"]);
        Assert.Equal("6000", variables["CACHE_PORT"]);
        Assert.Equal("p@ss", variables["REDIS_PASSWORD"]);
        Assert.Equal("redis://:p%40ss@localhost:6000", variables["REDIS_URI"]);
    }

    [Fact]
    public async Task WithReference_to_a_database_gives_its_own_strings()
    {
        var password = _builder.AddParameter("password", "secret", secret: true);
        var database = _builder.AddPostgres("postgres", password: password).AddDatabase("data", "app");
        Allocate(database.Resource.Parent, 7000);
        var client = _builder.AddExecutable("client", "true", ".").WithReference(database);

        var variables = await VariablesAsync(client);

        Assert.Equal("Host=localhost;Port=7000;Username=postgres;Password=secret;Database=app", variables["ConnectionStrings__data"]);
        Assert.Equal("postgresql://postgres:secret@localhost:7000/app", variables["DATA_URI"]);
        Assert.Equal("jdbc:postgresql://localhost:7000/app", variables["DATA_JDBCCONNECTIONSTRING"]);
        Assert.Equal("app", variables["DATA_DATABASENAME"]);
    }

    [Fact]
    public async Task WithReference_to_a_missing_connection_string_fails_unless_optional()
    {
        var empty = _builder.AddConnectionString("empty", ReferenceExpression.Empty);
        var strict = _builder.AddExecutable("strict", "true", ".").WithReference(empty);
        var lenient = _builder.AddExecutable("lenient", "true", ".").WithReference(empty, optional: true);

        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => VariablesAsync(strict));
        Assert.Contains("ConnectionStrings__empty", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ConnectionStrings__empty", await VariablesAsync(lenient));
    }

    [Fact]
    public async Task Container_sees_other_containers_by_name_and_target_port()
    {
        var redis = _builder.AddRedis("redis", password: _builder.AddParameter("password", "p", secret: true));
        var container = KnownNetworkIdentifiers.DefaultAspireContainerNetwork;
        var endpoint = redis.Resource.PrimaryEndpoint.EndpointAnnotation;
        endpoint.AllAllocatedEndpoints.GetOrAdd(container)
            .SetValue(new AllocatedEndpoint(endpoint, "redis.dev.internal", 6379, null, container));
        var client = _builder.AddContainer("client", "image").WithReference(redis);

        var variables = await VariablesAsync(client);

        Assert.Equal("redis.dev.internal:6379,password=p", variables["ConnectionStrings__redis"]);
    }

    [Fact]
    public async Task Project_listens_where_it_is_told_and_takes_the_launch_profiles_variables()
    {
        _builder.Configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"] = "http://localhost:4317";
        var api = _builder.AddProject<Projects.SampleService>("api").WithEnvironment("EXTRA", "1");
        Allocate(api.Resource, 5000, "{{target}}");
        await using var app = _builder.Build();

        var variables = await VariablesAsync(api);

        Assert.Equal("http://localhost:{{target}}", variables["ASPNETCORE_URLS"]);
        Assert.Equal("Development", variables["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("http", variables["DOTNET_LAUNCH_PROFILE"]);
        Assert.Equal("http://localhost:4317", variables["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("1", variables["EXTRA"]);
    }

    [Fact]
    public void Projects_class_knows_what_the_project_was_built_to()
    {
        var service = new Projects.SampleService();

        Assert.True(File.Exists(service.ProjectPath));
        Assert.True(File.Exists(service.TargetPath));
        Assert.EndsWith("SampleService.dll", service.TargetPath, StringComparison.Ordinal);
    }

    [Fact]
    public void AddResource_of_a_taken_name_is_refused()
    {
        _builder.AddExecutable("same", "true", ".");

        Assert.Throws<DistributedApplicationException>(() => _builder.AddContainer("SAME", "image"));
        Assert.Throws<ArgumentException>(() => _builder.AddExecutable("not valid", "true", "."));
    }

    private static void Allocate(IResourceWithEndpoints resource, int port, string? target = null)
    {
        foreach (var endpoint in resource.GetEndpoints())
            endpoint.EndpointAnnotation.AllocatedEndpoint = new AllocatedEndpoint(endpoint.EndpointAnnotation, "localhost", port++, target);
    }

    private Task<Dictionary<string, string>> VariablesAsync(IResourceBuilder<IResource> resource) =>
        ExecutionConfiguration.EnvironmentOfAsync(resource.Resource, _builder.ExecutionContext, NullLogger.Instance, default);
}
