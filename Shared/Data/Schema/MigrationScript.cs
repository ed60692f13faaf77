using System.Security.Cryptography;
using System.Text;

namespace Platform.Data.Schema;

/// <summary>One numbered SQL file. Applied once, in a transaction of its own, and never changed afterwards.</summary>
/// <param name="Version">The number its file name starts with, from 1.</param>
/// <param name="Name">The rest of the file name, without extension.</param>
/// <param name="Sql">The statements.</param>
public sealed record MigrationScript(int Version, string Name, string Sql)
{
    /// <summary>SHA-256 of the text in hexadecimal; line endings don't count, so that a checkout on Windows gives the same.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}
