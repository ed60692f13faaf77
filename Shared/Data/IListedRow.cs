namespace Platform.Data;

/// <summary>A row of a list that is sorted by creation, newest first.</summary>
public interface IListedRow
{
    /// <summary>UUIDv7.</summary>
    Guid Id { get; }

    DateTimeOffset CreatedAt { get; }
}
