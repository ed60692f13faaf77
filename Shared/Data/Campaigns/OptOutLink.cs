using System.Security.Cryptography;
using System.Text;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data.Campaigns;

/// <summary>
/// The link in a campaign's message by which its recipient opts out: sealed, so that nobody can make one up for somebody else or read whom it is
/// for, and good for ever, for a mail may be read years later. It holds all that is needed, so it works without the contact, too.
/// </summary>
/// <param name="Address">Where the message went.</param>
public sealed record OptOutLink(TenantId Tenant, Guid Campaign, Guid Contact, string Address)
{
    /// <summary>On the API's host.</summary>
    public const string Path = "/api/campaigns/unsubscribe";

    private const string Purpose = "campaign-opt-out";

    private const int IdSize = 16, Ids = 3 * IdSize, MaxTokenLength = 2000;

    /// <returns>The path with the query.</returns>
    public string ToPath(SecretProtector protector)
    {
        var bytes = new byte[Ids + Encoding.UTF8.GetByteCount(Address)];
        Tenant.Value.TryWriteBytes(bytes);
        Campaign.TryWriteBytes(bytes.AsSpan(IdSize));
        Contact.TryWriteBytes(bytes.AsSpan(2 * IdSize));
        Encoding.UTF8.GetBytes(Address, bytes.AsSpan(Ids));
        return $"{Path}?token={protector.Protect(bytes, Purpose)}";
    }

    /// <returns>Null for anything this deployment didn't give out, or whose key is no longer known.</returns>
    public static OptOutLink? Read(SecretProtector protector, string? token)
    {
        if (token is not { Length: > 0 and <= MaxTokenLength })
            return null;
        try
        {
            var bytes = protector.Unprotect(token, Purpose);
            return bytes.Length > Ids
                ? new OptOutLink(
                    new TenantId(Id(0)), Id(1), Id(2), Encoding.UTF8.GetString(bytes.AsSpan(Ids)))
                : null;

            Guid Id(int position) => new(bytes.AsSpan(position * IdSize, IdSize));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
