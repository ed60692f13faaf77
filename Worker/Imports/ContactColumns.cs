namespace Platform.Worker.Imports;

/// <summary>Where the columns stand in a file, from 0, as its header says.</summary>
internal sealed record ContactColumns(int Name, int Email, int Phone)
{
    public const int Count = 3;

    /// <summary>Null unless the header names exactly name, email and phone, in any order and case.</summary>
    public static ContactColumns? Find(IReadOnlyList<string> header)
    {
        var names = header.Select(field => field.Trim().ToUpperInvariant()).ToList();
        var columns = new ContactColumns(names.IndexOf("NAME"), names.IndexOf("EMAIL"), names.IndexOf("PHONE"));
        return names.Count == Count && columns is { Name: >= 0, Email: >= 0, Phone: >= 0 } ? columns : null;
    }
}
