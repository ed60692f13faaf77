using Platform.Testing;

namespace Platform.Api.Tests.Auth.External;

/// <summary>A replica that accepts tokens of an authority of its own.</summary>
public sealed class ExternalReplica(ApiFixture api) : IAsyncLifetime
{
    private ApiReplica? _replica;

    public TestAuthority Authority { get; } = new();

    public async Task InitializeAsync()
    {
        await Authority.StartAsync();
        _replica = await StartAsync(api, Authority, null, ("Auth:External:TenantClaim", "organization"));
    }

    /// <summary>Another one, for tests that need settings or a clock of their own.</summary>
    internal static Task<ApiReplica> StartAsync(
        ApiFixture api, TestAuthority authority, TimeProvider? time = null, params (string Name, string Value)[] settings) =>
        ApiReplica.StartAsync(
            api.AppConnectionString, time,
            [
                ("Auth:External:Authority", authority.Address), ("Auth:External:Audience", TestAuthority.Audience),
                ("Auth:External:RequireHttps", "false"), .. settings,
            ]);

    public HttpClient Client(string token) => _replica!.Client(token);

    /// <summary>Asks for contacts with this token.</summary>
    public async Task<HttpResponseMessage> GetAsync(string token, string url = "/api/contacts?limit=50")
    {
        using var client = Client(token);
        return await client.GetAsync(url);
    }

    public async Task DisposeAsync()
    {
        if (_replica is not null)
            await _replica.DisposeAsync();
        await Authority.DisposeAsync();
    }
}
