namespace Platform.Data.Imports;

/// <summary>Which columns of a contact file hold what, by its header. The API checks it at upload, the import reads by it.</summary>
/// <param name="Separator"><c>,</c> or <c>;</c>.</param>
/// <param name="Columns">How many columns each row must have.</param>
/// <param name="Name">The column's index, from 0.</param>
/// <param name="Email">As <paramref name="Name"/>; -1 when there is no such column.</param>
/// <param name="Phone">As <paramref name="Email"/>.</param>
public sealed record ContactFileHeader(char Separator, int Columns, int Name, int Email, int Phone)
{
    /// <summary>What a user is told when there is no usable header.</summary>
    public const string Requirement =
        "The file's first line must name its columns: 'name' and at least one of 'email' and 'phone', separated by , or ;.";

    /// <param name="line">The first line that isn't empty, without byte-order mark and line break.</param>
    /// <returns>Null when it names neither separator's set of columns. Other columns are fine, and ignored.</returns>
    public static ContactFileHeader? Parse(ReadOnlySpan<char> line)
    {
        foreach (var separator in (ReadOnlySpan<char>)[',', ';'])
        {
            var columns = line.ToString().Split(separator).Select(column => column.Trim().Trim('"').Trim().ToLowerInvariant()).ToList();
            var (name, phone) = (columns.IndexOf("name"), columns.IndexOf("phone"));
            var email = columns.FindIndex(column => column is "email" or "e-mail");
            if (name >= 0 && (email >= 0 || phone >= 0))
                return new ContactFileHeader(separator, columns.Count, name, email, phone);
        }
        return null;
    }
}
