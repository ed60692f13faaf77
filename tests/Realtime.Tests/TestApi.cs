using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Platform.Tenancy;

namespace Platform.Realtime.Tests;

/// <summary>The one thing Realtime wants of the Api: a web server that publishes signing keys. Issues tokens as the Api does.</summary>
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

    public Uri KeysUri => new($"http://127.0.0.1:{Port}/.well-known/jwks.json");

    /// <summary>The key tokens are signed with.</summary>
    public ECDsaSecurityKey Key { get; private set; }

    public static ECDsaSecurityKey NewKey() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256)) { KeyId = Guid.NewGuid().ToString("N") };

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{Port}");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(async context =>
        {
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
