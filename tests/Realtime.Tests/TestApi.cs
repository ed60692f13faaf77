using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Tenancy;

namespace Platform.Realtime.Tests;

/// <summary>
/// What Realtime wants of the Api: a web server that publishes signing keys, and says whom an external authority's token stands for.
/// Issues tokens as the Api does.
/// </summary>
internal sealed class TestApi : IAsyncDisposable
{
    private readonly List<ECDsaSecurityKey> _published = [];
    private WebApplication? _server;

    public TestApi(int port)
    {
        Port = port;
        Key = Publish();
    }

    public int Port { get; }

    /// <summary>Requests for the keys so far.</summary>
    public int Requests { get; private set; }

    public Uri AccountUri => new($"http://127.0.0.1:{Port}/api/auth/me");

    /// <summary>What is answered there to a request's <c>Authorization</c>; an operator's account by default.</summary>
    public Func<string, (int Status, object Body)> Account { get; set; } = _ => (200, Me(null));

    /// <summary>Requests for accounts so far.</summary>
    public int Asked { get; private set; }

    public Uri KeysUri => new($"http://127.0.0.1:{Port}/.well-known/jwks.json");

    /// <summary>The key tokens are signed with.</summary>
    public ECDsaSecurityKey Key { get; private set; }

    public static ECDsaSecurityKey NewKey() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString("N") };

    /// <summary>An account as the Api tells of it.</summary>
    public static object Me(TenantId? tenant, params string[] permissions) => new
    {
        userId = Guid.CreateVersion7(), tenantId = tenant?.Value, tenant = "test", plan = "pro", email = "ada@example.com", name = "Ada",
        roles = Array.Empty<string>(), permissions,
    };

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{Port}");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(async context =>
        {
            if (context.Request.Path == AccountUri.AbsolutePath)
            {
                Asked++;
                (context.Response.StatusCode, var body) = Account(context.Request.Headers.Authorization.ToString());
                await context.Response.WriteAsJsonAsync(body);
                return;
            }
            Requests++;
            await context.Response.WriteAsJsonAsync(new
            {
                keys = _published.Select(key =>
                {
                    var jwk = JsonWebKeyConverter.ConvertFromECDsaSecurityKey(key);
                    return new { kty = jwk.Kty, kid = key.KeyId, crv = jwk.Crv, x = jwk.X, y = jwk.Y, use = "sig", alg = "ES256" };
                }),
            });
        });
        await _server.StartAsync();
    }

    /// <summary>Signs with a new key from now on, and publishes it beside the old ones.</summary>
    public void RotateKey() => Key = Publish();

    public string Token(
        TenantId? tenant, Guid? userId = null, TimeSpan? lifetime = null, string[]? permissions = null, string issuer = "platform",
        string audience = "platform", SecurityKey? key = null, string algorithm = SecurityAlgorithms.EcdsaSha256, Guid? sessionId = null,
        TimeSpan? notBefore = null)
    {
        var claims = new Dictionary<string, object>
        {
            ["sub"] = (userId ?? Guid.CreateVersion7()).ToString(),
            [PlatformClaims.Permission] = permissions
                ?? [Permissions.ContactsRead, Permissions.ContactsWrite, Permissions.ImportsWrite, Permissions.JobsRead],
        };
        if (tenant is { } id)
            claims[PlatformClaims.TenantId] = id.ToString();
        if (sessionId is { } session)
            claims["sid"] = session.ToString();
        var expires = DateTime.UtcNow + (lifetime ?? TimeSpan.FromMinutes(15));
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Claims = claims,
            NotBefore = notBefore is { } before ? DateTime.UtcNow + before : expires.AddHours(-1),
            IssuedAt = expires.AddHours(-1),
            Expires = expires,
            SigningCredentials = new SigningCredentials(key ?? Key, algorithm),
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _server = null;
    }

    private ECDsaSecurityKey Publish()
    {
        var key = NewKey();
        _published.Add(key);
        return key;
    }
}
