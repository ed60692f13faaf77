using System.Buffers.Binary;
using System.Security.Cryptography;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Api.Http;

/// <summary>A place in a list that is sorted by creation, newest first, then by id.</summary>
internal readonly record struct Cursor(DateTimeOffset CreatedAt, Guid Id);

/// <summary>
/// Cursors are opaque and sealed, for one tenant and one list with its filter: a changed or borrowed one is refused.
/// </summary>
internal sealed class CursorCodec(SecretProtector protector)
{
    private const int Size = 8 + 16;

    public string Write(Cursor cursor, TenantId tenant, string list)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteInt64BigEndian(bytes, cursor.CreatedAt.UtcTicks);
        cursor.Id.TryWriteBytes(bytes[8..]);
        return protector.Protect(bytes, Purpose(tenant, list));
    }

    /// <returns>Null for anything this API didn't give out for this tenant and list.</returns>
    public Cursor? Read(string text, TenantId tenant, string list)
    {
        try
        {
            var bytes = protector.Unprotect(text, Purpose(tenant, list));
            return bytes.Length == Size
                ? new Cursor(new DateTimeOffset(BinaryPrimitives.ReadInt64BigEndian(bytes), TimeSpan.Zero), new Guid(bytes.AsSpan(8)))
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static string Purpose(TenantId tenant, string list) => $"cursor:{tenant}:{list}";
}
