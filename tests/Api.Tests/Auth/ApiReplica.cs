using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Platform.Testing;

namespace Platform.Api.Tests.Auth;

/// <summary>One more process of the API.</summary>
internal sealed class ApiReplica : IAsyncDisposable
{
    private readonly WebApplicationFactory<Program> _factory;

    private ApiReplica(WebApplicationFactory<Program> factory)
    {
        _factory = factory;
        Anonymous = Client();
    }

    public IServiceProvider Services => _factory.Services;

    public Uri BaseAddress => _factory.ClientOptions.BaseAddress;

    public HttpClient Anonymous { get; }

    /// <param name="database">Connection string as the services connect.</param>
    /// <param name="time">Its clock; the real one if null.</param>
    /// <param name="settings">Settings beside those every replica has, and instead of them.</param>
    public static async Task<ApiReplica> StartAsync(
        string database, TimeProvider? time = null, params (string Name, string Value)[] settings)
    {
        var garnet = await GarnetServer.GetAsync();
        var factory = new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Development");
            host.UseUrls("http://127.0.0.1:0");
            host.UseSetting("ConnectionStrings:platform", database);
            host.UseSetting("ConnectionStrings:redis", garnet.ConnectionString);
            host.UseSetting("ENCRYPTION_KEY", ApiFixture.EncryptionKey);
            foreach (var (name, value) in RateLimitSettings.With(settings))
                host.UseSetting(name, value);
            host.ConfigureLogging(logging => logging.ClearProviders());
            if (time is not null)
                host.ConfigureTestServices(services => services.AddSingleton(time));
        });
        factory.UseKestrel(0);
        factory.StartServer();
        return new ApiReplica(factory);
    }

    public HttpClient Client(string? accessToken = null)
    {
        var client = new HttpClient { BaseAddress = BaseAddress };
        if (accessToken is not null)
            client.DefaultRequestHeaders.Authorization = new("Bearer", accessToken);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        Anonymous.Dispose();
        await _factory.DisposeAsync();
    }
}
