namespace Platform.Api.Http;

/// <summary>One page of a list, as every list answers.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Data, Pagination Pagination) : IPage;

/// <param name="Page">1 for the first; null when the page was asked for by cursor.</param>
/// <param name="Total">Rows on all pages; null when the page was asked for by cursor, or when there are too many to count.</param>
/// <param name="NextCursor">For the page after this one; null on the last.</param>
internal sealed record Pagination(int? Page, int Limit, long? Total, string? NextCursor);
