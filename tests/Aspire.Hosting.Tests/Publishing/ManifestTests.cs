using System.Text.Json.Nodes;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Tests.Publishing;

public sealed class ManifestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("manifest-tests-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Project_has_path_arguments_environment_and_bindings()
    {
        var resources = await PublishAsync(builder =>
        {
            var greeting = builder.AddParameter("greeting", "hello");
            AddProject(builder, "api")
                .WithHttpEndpoint()
                .WithHttpEndpoint(name: "admin")
                .WithEndpoint("grpc", e => (e.UriScheme, e.Transport, e.Port, e.TargetPort) = ("http", "http2", 9000, 9001))
                .WithExternalHttpEndpoints()
                .WithArgs("--verbose")
                .WithEnvironment("GREETING", ReferenceExpression.Create($"{greeting}, {{you}}"))
                .WithEnvironment("PLAIN", "text");
        });

        AssertResource(resources, "api", """
            {
              "type": "project.v0",
              "path": "../src/api/api.csproj",
              "args": ["--verbose"],
              "env": { "GREETING": "{greeting.value}, {you}", "PLAIN": "text" },
              "bindings": {
                "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "external": true },
                "admin": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 8000, "external": true },
                "grpc": { "scheme": "http", "protocol": "tcp", "transport": "http2", "port": 9000, "targetPort": 9001, "external": true }
              }
            }
            """);
    }

    [Fact]
    public async Task References_become_expressions()
    {
        var resources = await PublishAsync(builder =>
        {
            var api = AddProject(builder, "api").WithHttpEndpoint();
            var store = builder.AddConnectionString("store");
            var composed = builder.AddConnectionString(
                "composed", ReferenceExpression.Create($"Endpoint={api.GetEndpoint("http")};Store={store}"));
            AddProject(builder, "web")
                .WithReference(api.GetEndpoint("http"))
                .WithReference(store)
                .WithReference(composed)
                .WithEnvironment("API_HOST", ReferenceExpression.Create($"{api.GetEndpoint("http").Property(EndpointProperty.HostAndPort)}"));
        });

        AssertResource(resources, "composed", """
            { "type": "value.v0", "connectionString": "Endpoint={api.bindings.http.url};Store={store.connectionString}" }
            """);
        var environment = resources["web"]!["env"]!;
        Assert.Equal("{api.bindings.http.url}", environment["services__api__http__0"]!.GetValue<string>());
        Assert.Equal("{store.connectionString}", environment["ConnectionStrings__store"]!.GetValue<string>());
        Assert.Equal("{composed.connectionString}", environment["ConnectionStrings__composed"]!.GetValue<string>());
        Assert.Equal("{api.bindings.http.hostAndPort}", environment["API_HOST"]!.GetValue<string>());
    }

    [Fact]
    public async Task Container_has_image_mounts_and_numbered_ports()
    {
        var resources = await PublishAsync(builder => builder.AddContainer("cache", "docker.io/library/redis", "8.6")
            .WithEntrypoint("/bin/sh")
            .WithArgs("-c", "redis-server")
            .WithVolume("cache-data", "/data")
            .WithBindMount(Path.Combine(_folder, "conf"), "/etc/redis", isReadOnly: true)
            .WithEndpoint("tcp", e => e.TargetPort = 6379)
            .WithEndpoint("metrics", e => e.UriScheme = "http"));

        AssertResource(resources, "cache", """
            {
              "type": "container.v0",
              "image": "docker.io/library/redis:8.6",
              "entrypoint": "/bin/sh",
              "args": ["-c", "redis-server"],
              "volumes": [{ "name": "cache-data", "target": "/data", "readOnly": false }],
              "bindMounts": [{ "source": "../conf", "target": "/etc/redis", "readOnly": true }],
              "bindings": {
                "tcp": { "scheme": "tcp", "protocol": "tcp", "transport": "tcp", "targetPort": 6379 },
                "metrics": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 8000 }
              }
            }
            """);
    }

    [Fact]
    public async Task Container_built_from_a_dockerfile_has_its_build()
    {
        var resources = await PublishAsync(builder =>
        {
            var token = builder.AddParameter("token", secret: true);
            Directory.CreateDirectory(Path.Combine(_folder, "image"));
            File.WriteAllText(Path.Combine(_folder, "image", "Dockerfile"), "FROM scratch");
            builder.AddDockerfile("tool", Path.Combine(_folder, "image"), stage: "final")
                .WithBuildArg("TOKEN", token)
                .WithBuildArg("LEVEL", 3);
        });

        AssertResource(resources, "tool", """
            {
              "type": "container.v1",
              "build": {
                "context": "../image",
                "dockerfile": "../image/Dockerfile",
                "stage": "final",
                "args": { "TOKEN": "{token.value}", "LEVEL": "3" }
              }
            }
            """);
    }

    [Fact]
    public async Task Container_run_by_a_shell_has_one_command_line()
    {
        var resources = await PublishAsync(builder => builder.AddContainer("cache", "redis", "8.6")
            .WithEntrypoint("/bin/sh").WithArgs("redis-server", "--requirepass", "$PASSWORD").Resource.ShellExecution = true);

        AssertResource(resources, "cache", """
            {
              "type": "container.v0",
              "image": "redis:8.6",
              "entrypoint": "/bin/sh",
              "args": ["-c", "redis-server --requirepass $PASSWORD"]
            }
            """);
    }

    [Fact]
    public async Task Executable_has_command_and_folder()
    {
        var resources = await PublishAsync(builder => builder
            .AddExecutable("node", "node", Path.Combine(_folder, "site"), "server.js")
            .WithHttpEndpoint(targetPort: 3000));

        AssertResource(resources, "node", """
            {
              "type": "executable.v0",
              "workingDirectory": "../site",
              "command": "node",
              "args": ["server.js"],
              "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 3000 } }
            }
            """);
    }

    [Fact]
    public async Task Executable_with_a_dockerfile_is_published_as_one()
    {
        var resources = await PublishAsync(builder => builder
            .AddExecutable("node", "node", Path.Combine(_folder, "site"), "server.js")
            .WithAnnotation(new DockerfileBuildAnnotation(Path.Combine(_folder, "site"), Path.Combine(_folder, "site", "Dockerfile"), stage: null)));

        AssertResource(resources, "node", """
            { "type": "dockerfile.v0", "path": "../site/Dockerfile", "context": "../site", "args": ["server.js"] }
            """);
    }

    [Fact]
    public async Task Parameters_have_inputs_with_what_generates_them()
    {
        var resources = await PublishAsync(builder =>
        {
            builder.AddParameter("plain");
            builder.AddParameter("withDefault", "7", publishValueAsDefault: true);
            builder.AddParameter("password", new GenerateParameterDefault { MinLength = 22, Special = false, MinLower = 1 }, secret: true);
            builder.AddConnectionString("store");
        });

        AssertResource(resources, "plain", """
            { "type": "parameter.v0", "value": "{plain.inputs.value}", "inputs": { "value": { "type": "string" } } }
            """);
        AssertResource(resources, "withDefault", """
            {
              "type": "parameter.v0",
              "value": "{withDefault.inputs.value}",
              "inputs": { "value": { "type": "string", "default": { "value": "7" } } }
            }
            """);
        AssertResource(resources, "password", """
            {
              "type": "parameter.v0",
              "value": "{password.inputs.value}",
              "inputs": {
                "value": {
                  "type": "string",
                  "secret": true,
                  "default": { "generate": { "minLength": 22, "special": false, "minLower": 1 } }
                }
              }
            }
            """);
        AssertResource(resources, "store", """
            {
              "type": "parameter.v0",
              "connectionString": "{store.value}",
              "value": "{store.inputs.value}",
              "inputs": { "value": { "type": "string", "secret": true } }
            }
            """);
    }

    [Fact]
    public async Task Value_encoded_for_uris_becomes_a_resource_of_its_own()
    {
        var resources = await PublishAsync(builder =>
        {
            var password = builder.AddParameter("password", secret: true);
            builder.AddConnectionString("url", ReferenceExpression.Create($"amqp://me:{password:uri}@host"));
        });

        AssertResource(resources, "url", """{ "type": "value.v0", "connectionString": "amqp://me:{password-uri-encoded.value}@host" }""");
        AssertResource(resources, "password-uri-encoded", """{ "type": "annotated.string", "value": "{password.value}", "filter": "uri" }""");
    }

    [Fact]
    public async Task Resources_keep_their_order_and_leave_out_the_excluded()
    {
        var resources = await PublishAsync(builder =>
        {
            builder.AddContainer("b", "image");
            builder.AddContainer("hidden", "image").ExcludeFromManifest();
            builder.AddContainer("a", "image");
            builder.AddContainer("own", "image").WithManifestPublishingCallback(context => context.Writer.WriteString("type", "custom.v0"));
            builder.AddResource(new OddResource("odd"));
        });

        Assert.Equal(["b", "a", "own", "odd"], resources.Select(r => r.Key));
        AssertResource(resources, "own", """{ "type": "custom.v0" }""");
        Assert.Equal(["error"], resources["odd"]!.AsObject().Select(m => m.Key));
    }

    [Fact]
    public async Task Output_path_of_a_folder_gets_the_usual_file_name()
    {
        var folder = Path.Combine(_folder, "out");

        await PublishToAsync(folder, builder => builder.AddContainer("a", "image"));

        Assert.Equal(["aspire-manifest.json"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Publish_failing_keeps_the_last_manifest()
    {
        var path = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(path, "the last one");

        await Assert.ThrowsAnyAsync<Exception>(() => PublishToAsync(path, builder => builder.AddContainer("a", "image")
            .WithManifestPublishingCallback(_ => throw new InvalidOperationException())));

        Assert.Equal("the last one", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(_folder));
    }

    private static void AssertResource(JsonObject resources, string name, string expected)
    {
        var actual = resources[name];
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"'{name}' is {actual?.ToJsonString(new() { WriteIndented = true })}");
    }

    private static async Task PublishToAsync(string path, Action<IDistributedApplicationBuilder> build)
    {
        var builder = DistributedApplication.CreateBuilder(["--publisher", "manifest", "--output-path", path]);
        build(builder);
        await using var application = builder.Build();
        await application.RunAsync();
    }

    private IResourceBuilder<ProjectResource> AddProject(IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new ProjectResource(name)).WithAnnotation(new ProjectFile(Path.Combine(_folder, "src", name, $"{name}.csproj")));

    private async Task<JsonObject> PublishAsync(Action<IDistributedApplicationBuilder> build)
    {
        var path = Path.Combine(_folder, "deploy", "manifest.json");
        await PublishToAsync(path, build);
        return JsonNode.Parse(await File.ReadAllTextAsync(path))!["resources"]!.AsObject();
    }

    private sealed class ProjectFile(string path) : IProjectMetadata
    {
        public string ProjectPath => path;
    }

    private sealed class OddResource(string name) : Resource(name);
}
