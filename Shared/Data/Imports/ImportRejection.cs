namespace Platform.Data.Imports;

/// <summary>A record of an uploaded file that didn't become a contact; a row of <c>import_rejections</c>.</summary>
public sealed class ImportRejection : ITenantOwned
{
    public Guid TenantId { get; init; }

    public Guid ImportId { get; init; }

    /// <summary>Counts records after the header, from 1.</summary>
    public long RowNumber { get; init; }

    /// <summary>The record as it stood in the file.</summary>
    public required string Line { get; init; }

    public required string Reason { get; init; }
}
