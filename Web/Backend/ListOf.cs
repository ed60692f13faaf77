namespace Platform.Web.Backend;

/// <summary>One page of a list.</summary>
public sealed record ListOf<T>(IReadOnlyList<T> Data, Pagination Pagination);
