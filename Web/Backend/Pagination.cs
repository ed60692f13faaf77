namespace Platform.Web.Backend;

/// <summary>Where a page stands in its list.</summary>
/// <param name="Page">1 for the first; null where the page was asked for by cursor.</param>
/// <param name="Total">All rows that match; null where the API doesn't count.</param>
public sealed record Pagination(int? Page, int Limit, long? Total, string? NextCursor = null);
