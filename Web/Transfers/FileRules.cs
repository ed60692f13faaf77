namespace Platform.Web.Transfers;

/// <summary>What can be told about a file before sending it.</summary>
internal static class FileRules
{
    public const string TooLarge = "The file is larger than 50 MB. Split it and import the parts one after the other.";

    /// <returns>What is wrong with it, in words; null when it may be sent.</returns>
    public static string? Check(string name, long bytes)
    {
        var extension = Path.GetExtension(name);
        if (!extension.Equals(".csv", StringComparison.OrdinalIgnoreCase) && !extension.Equals(".txt", StringComparison.OrdinalIgnoreCase))
            return "This isn't a CSV file. In a spreadsheet, use “Save as” and choose CSV.";
        if (bytes == 0) return "The file is empty.";
        return bytes > TransferExtensions.MaxFileBytes ? TooLarge : null;
    }
}
