using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Testing;

/// <summary>An OpenID Connect authority, as far as an API sees one: a web server with a discovery document and keys.</summary>
public sealed class TestAuthority : IAsyncDisposable
{
    public const string Audience = "the-platform";

    private readonly int _port = PortFinder.FreePort();
    private readonly List<RsaSecurityKey> _published = [];
    private WebApplication? _server;
    private int _requests;

    public TestAuthority() => Key = Publish();

    public string Address => $"http://127.0.0.1:{_port}";

    /// <summary>The key tokens are signed with.</summary>
    public RsaSecurityKey Key { get; private set; }

    /// <summary>Requests for the keys so far.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>What the discovery document says.</summary>
    public string? Issuer { get; set; }

    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    /// <summary>A new one, started.</summary>
    public static async Task<TestAuthority> RunAsync()
    {
        var authority = new TestAuthority();
        await authority.StartAsync();
        return authority;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls(Address);
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(context => context.Request.Path.Value switch
        {
            "/.well-known/openid-configuration" => context.Response.WriteAsJsonAsync(
                new { issuer = Issuer ?? Address, jwks_uri = $"{Address}/keys" }),
            "/keys" => KeysAsync(context),
            _ => Task.FromResult(context.Response.StatusCode = 404),
        });
        await _server.StartAsync();
    }

    /// <summary>Signs with a new key from now on; the old one isn't published any more.</summary>
    public void ReplaceKey()
    {
        _published.Clear();
        Key = Publish();
    }

    public string Token(
        string subject, string? email = null, object? verified = null, string? issuer = null, string audience = Audience,
        TimeSpan? lifetime = null, SigningCredentials? credentials = null, string type = "JWT", params (string Name, object Value)[] claims)
    {
        var all = new Dictionary<string, object> { ["sub"] = subject };
        if (email is not null)
            all["email"] = email;
        if (verified is not null)
            all["email_verified"] = verified;
        foreach (var (name, value) in claims)
            all[name] = value;
        var expires = DateTime.UtcNow + (lifetime ?? TimeSpan.FromMinutes(10));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? Address,
            Audience = audience,
            Claims = all,
            NotBefore = expires.AddHours(-1),
            IssuedAt = expires.AddHours(-1),
            Expires = expires,
            TokenType = type,
            SigningCredentials = credentials ?? new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        });
    }

    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task KeysAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        await context.Response.WriteAsJsonAsync(new
        {
            keys = _published.Select(key =>
            {
                var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(key);
                return new { kty = jwk.Kty, kid = key.KeyId, n = jwk.N, e = jwk.E, use = "sig", alg = "RS256" };
            }),
        });
    }

    private RsaSecurityKey Publish()
    {
        var key = NewKey();
        _published.Add(key);
        return key;
    }
}
