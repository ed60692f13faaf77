using System.Security.Cryptography;
using System.Text;

namespace Platform.Data.Schema;

/// <summary>
/// One numbered SQL file. Applied once, in a transaction of its own, and never changed afterwards. A file that begins with
/// <see cref="StepwiseMark"/> is applied statement by statement without a transaction, as <c>CREATE INDEX CONCURRENTLY</c> needs
/// it; each statement ends with <c>;</c> at a line's end, and the file must be safe to run again from its beginning.
/// </summary>
/// <param name="Version">The number its file name starts with, from 1.</param>
/// <param name="Name">The rest of the file name, without extension.</param>
/// <param name="Sql">The statements.</param>
public sealed record MigrationScript(int Version, string Name, string Sql)
{
    public const string StepwiseMark = "-- migrate: statement by statement";

    /// <summary>What is sent at once: the whole file, or one statement after the other.</summary>
    public IReadOnlyList<string> Steps { get; } = Sql.StartsWith(StepwiseMark, StringComparison.Ordinal)
        ? [.. Sql.ReplaceLineEndings("\n").Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
        : [Sql];

    /// <summary>Whether all of it is one transaction.</summary>
    public bool IsAtomic { get; } = !Sql.StartsWith(StepwiseMark, StringComparison.Ordinal);

    /// <summary>SHA-256 of the text in hexadecimal; line endings don't count, so that a checkout on Windows gives the same.</summary>
    public string Checksum { get; } =
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}
