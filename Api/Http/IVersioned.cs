namespace Platform.Api.Http;

/// <summary>A row's answer with its version, which is its <c>ETag</c>.</summary>
internal interface IVersioned
{
    /// <summary>Grows by one with each change of the row.</summary>
    long Version { get; }

    /// <summary>
    /// Whether the answer says things of other rows, too, or other rows have the same address; the tag then tells those apart as well.
    /// </summary>
    bool IsComposed => false;
}
