using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Api.Features.Reports;

/// <summary>
/// Download links: they name the tenant, the report and their end, sealed, so that a browser can fetch a file without a header and
/// nobody can make one up or stretch it.
/// </summary>
internal sealed class ReportLinks(SecretProtector protector, IOptions<ReportOptions> options, TimeProvider time)
{
    private const string Purpose = "report-link";
    private const int Size = 16 + 16 + 8;

    public ReportLinkResponse Create(TenantId tenant, Guid report)
    {
        var end = time.GetUtcNow() + options.Value.LinkLifetime;
        Span<byte> bytes = stackalloc byte[Size];
        tenant.Value.TryWriteBytes(bytes);
        report.TryWriteBytes(bytes[16..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[32..], end.UtcTicks);
        return new ReportLinkResponse($"/api/reports/download?token={protector.Protect(bytes, Purpose)}", end);
    }

    /// <returns>Null for anything this API didn't give out, or whose time is over.</returns>
    public (TenantId Tenant, Guid Report)? Read(string? token)
    {
        try
        {
            return token is not null && protector.Unprotect(token, Purpose) is { Length: Size } bytes
                && BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(32)) > time.GetUtcNow().UtcTicks
                ? (new TenantId(new Guid(bytes.AsSpan(0, 16))), new Guid(bytes.AsSpan(16, 16)))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
