using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp;
using Microsoft.Extensions.DependencyInjection;
using Platform.Testing;

namespace Aspire.Hosting.Tests.Dcp;

/// <summary>
/// What the orchestrator is asked for containers. It forgets fields it doesn't know, so that what it gives back is what it understood;
/// whether there is a container runtime does not matter.
/// </summary>
[Trait("Req", "A4")]
public class ContainerTests
{
    [Fact]
    public async Task Container_is_understood_by_the_orchestrator()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), "FROM scratch");
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), "scrape_configs: []");
        var builder = TestHost.CreateBuilder();
        var redis = builder.AddRedis("redis", password: builder.AddParameter("password", "secret", secret: true)).WithDataVolume("volume");
        builder.AddContainer("prometheus", "prom/prometheus", "v3")
            .WithImageRegistry("registry.example").WithImagePullPolicy(ImagePullPolicy.Never)
            .WithHttpEndpoint(targetPort: 9090).WithBindMount(folder, "/etc/prometheus", isReadOnly: true)
            .WithContainerFiles("/config", Path.Combine(folder, "prometheus.yml"))
            .WithContainerRuntimeArgs("--memory", "100m").WithContainerNetworkAlias("metrics")
            .WithArgs("--one", redis.GetEndpoint("tcp")).WithReference(redis);
        builder.AddDockerfile("built", folder).WithBuildArg("VERSION", "1").WithLifetime(ContainerLifetime.Persistent);
        await using var app = builder.Build();
        await app.StartAsync(TestHost.Soon());

        var server = (await SpecAsync(app, "redis"))!;
        Assert.Equal("docker.io/library/redis:8.6", (string?)server["image"]);
        Assert.Equal("/bin/sh", (string?)server["command"]);
        Assert.Equal(["-c", "redis-server --requirepass $REDIS_PASSWORD --save 60 1"], server["args"]!.AsArray().Select(a => (string?)a));
        Assert.Equal(("volume", "volume", "/data"), Mount(server));
        Assert.Equal(6379, (int?)server["ports"]![0]!["containerPort"]);
        Assert.Equal("secret", Variable(server, "REDIS_PASSWORD"));

        var prometheus = (await SpecAsync(app, "prometheus"))!;
        Assert.Equal("registry.example/prom/prometheus:v3", (string?)prometheus["image"]);
        Assert.Equal("never", (string?)prometheus["pullPolicy"]);
        Assert.Equal(("bind", folder, "/etc/prometheus"), Mount(prometheus));
        Assert.Equal(["--one", "tcp://redis.dev.internal:6379"], prometheus["args"]!.AsArray().Select(a => (string?)a));
        Assert.Equal("redis.dev.internal:6379,password=secret", Variable(prometheus, "ConnectionStrings__redis"));
        Assert.Equal(["--memory", "100m"], prometheus["runArgs"]!.AsArray().Select(a => (string?)a));
        Assert.Contains("metrics", prometheus["networks"]![0]!["aliases"]!.AsArray().Select(a => (string?)a));
        Assert.Equal("prometheus.yml", (string?)prometheus["createFiles"]![0]!["entries"]![0]!["name"]);

        var built = (await SpecAsync(app, "built"))!;
        Assert.Equal(folder, (string?)built["build"]!["context"]);
        Assert.Equal("VERSION", (string?)built["build"]!["args"]![0]!["name"]);
        Assert.True((bool?)built["persistent"]);
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<JsonNode?> SpecAsync(DistributedApplication app, string resource)
    {
        var client = await app.Services.GetRequiredService<DcpExecutor>().Client;
        var name = app.ResourceNotifications.FindInstances(resource).Single().ResourceId;
        JsonNode? spec = null;
        await Eventually.TrueAsync(
            async () =>
                (spec = (await client.GetAsync<JsonObject, JsonObject>(DcpClient.Containers, name, TestHost.Soon()))?.Spec) is not null,
            TestHost.Deadline, $"The container '{resource}' was not created.");
        return spec;
    }

    private static (string?, string?, string?) Mount(JsonNode spec) =>
        spec["volumeMounts"]![0] is { } mount ? ((string?)mount["type"], (string?)mount["source"], (string?)mount["target"]) : default;

    private static string? Variable(JsonNode spec, string name) =>
        (string?)spec["env"]!.AsArray().Single(v => (string?)v!["name"] == name)!["value"];
}
