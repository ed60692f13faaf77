using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Standins.Tests.ServiceDiscovery;

[Trait("Req", "A2")]
public sealed class ServiceDiscoveryTests
{
    [Theory]
    // A name is looked up under its scheme, whatever the case.
    [InlineData("http://api/x?y=1", "http://localhost:5301/x?y=1", "services:api:http:0=http://localhost:5301")]
    [InlineData("http://API/x", "http://localhost:5301/x", "services:api:http:0=http://localhost:5301")]
    // A value may leave the scheme out.
    [InlineData("http://api/x", "http://localhost:8080/x", "services:api:http:0=localhost:8080")]
    // The first scheme that has an endpoint wins.
    [InlineData("https+http://api/x", "https://localhost:5401/x", "services:api:http:0=http://localhost:5301", "services:api:https:0=https://localhost:5401")]
    [InlineData("http+https://api/x", "http://localhost:5301/x", "services:api:http:0=http://localhost:5301", "services:api:https:0=https://localhost:5401")]
    [InlineData("https+http://api/x", "http://localhost:5301/x", "services:api:http:0=http://localhost:5301")]
    // Named endpoints.
    [InlineData("http://_admin.api/x", "http://localhost:9000/x", "services:api:http:0=http://localhost:5301", "services:api:admin:0=http://localhost:9000")]
    [InlineData("https+http://_admin.api/x", "http://localhost:9000/x", "services:api:admin:0=http://localhost:9000")]
    // Unknown names go to the network as they are, without what only discovery understands.
    [InlineData("http://example.org/x", "http://example.org/x", "services:api:http:0=http://localhost:5301")]
    [InlineData("https+http://unknown/x", "https://unknown/x")]
    [InlineData("http://_admin.unknown/x", "http://unknown/x")]
    [InlineData("http://127.0.0.1:81/x", "http://127.0.0.1:81/x")]
    // Encryption that was asked for is never dropped.
    [InlineData("https://api/x", "https://api/x", "services:api:http:0=http://localhost:5301")]
    public async Task Send_name_is_resolved_from_configuration(string address, string reached, params string[] settings)
    {
        await using var services = Services(settings);

        Assert.Equal(reached, (await Reached(services, address)).AbsoluteUri);
    }

    [Fact]
    public async Task Send_several_endpoints_take_turns()
    {
        await using var one = await HttpServer.StartAsync("one");
        await using var two = await HttpServer.StartAsync("two");
        var services = new ServiceCollection()
            .AddSingleton(Configuration($"services:api:http:0={one.Authority}", $"services:api:http:1={two.Authority}"));
        services.AddServiceDiscovery().AddHttpClient("test").AddServiceDiscovery();
        await using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("test");

        var answers = new List<string>();
        for (var request = 0; request < 4; request++)
            answers.Add(await client.GetStringAsync("http://api/"));

        Assert.Equal(["one", "two"], answers.Distinct().Order());
        Assert.Equal(answers[..2], answers[2..]);
        Assert.Equal((2, 2), (one.Requests, two.Requests));
    }

    [Fact]
    public async Task Send_after_configuration_changed_reaches_the_new_endpoint()
    {
        await using var services = Services("services:api:http:0=http://localhost:1");
        Assert.Equal(1, (await Reached(services, "http://api/")).Port);

        var configuration = (IConfigurationRoot)services.GetRequiredService<IConfiguration>();
        configuration["services:api:http:0"] = "http://localhost:2";
        configuration.Reload();

        Assert.Equal(2, (await Reached(services, "http://api/")).Port);
    }

    [Fact]
    public async Task Send_request_keeps_its_logical_address_afterwards()
    {
        await using var server = await HttpServer.StartAsync("hello");
        var services = new ServiceCollection().AddSingleton(Configuration($"services:api:http:0={server.Authority}"));
        services.AddServiceDiscovery().AddHttpClient("test").AddServiceDiscovery();
        await using var provider = services.BuildServiceProvider();
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://api/");

        using var response = await provider.GetRequiredService<IHttpClientFactory>().CreateClient("test").SendAsync(request);

        Assert.Equal("http://api/", request.RequestUri?.AbsoluteUri);
    }

    [Fact]
    public async Task Defaults_apply_to_every_client()
    {
        await using var server = await HttpServer.StartAsync(context => context.Response.WriteAsync(context.Request.Path));
        var services = new ServiceCollection().AddSingleton(Configuration($"services:api:http:0=http://{server.Authority}"));
        services.AddServiceDiscovery().ConfigureHttpClientDefaults(http => http.AddServiceDiscovery());
        await using var provider = services.BuildServiceProvider();

        Assert.Equal("/a", await provider.GetRequiredService<IHttpClientFactory>().CreateClient("any").GetStringAsync("http://api/a"));
    }

    private static ServiceProvider Services(params string[] settings)
    {
        var services = new ServiceCollection().AddSingleton(Configuration(settings));
        services.AddServiceDiscovery();
        services.AddHttpClient("test").AddServiceDiscovery().ConfigurePrimaryHttpMessageHandler(() => new Recorder());
        return services.BuildServiceProvider();
    }

    private static IConfiguration Configuration(params string[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], string? (pair) => pair[1]))
        .Build();

    private static async Task<Uri> Reached(IServiceProvider services, string address)
    {
        using var response = await services.GetRequiredService<IHttpClientFactory>().CreateClient("test").GetAsync(new Uri(address));
        return new Uri(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Says which address would have been connected to.</summary>
    private sealed class Recorder : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StringContent(request.RequestUri!.AbsoluteUri) });
    }
}
