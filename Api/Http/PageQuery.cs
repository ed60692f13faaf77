using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;

namespace Platform.Api.Http;

/// <summary>The query parameters of a list.</summary>
internal sealed record PageQuery(
    [property: FromQuery(Name = "page"), Description("1 for the first page; at most 10,000, use `cursor` to go deeper.")] int? Page,
    [property: FromQuery(Name = "limit"), Description("Rows on a page: 1 to 50, larger values count as 50. Default 20.")] int? Limit,
    [property: FromQuery(Name = "cursor"), Description("`pagination.nextCursor` of the page before; replaces `page`.")] string? Cursor)
{
    private const int DefaultLimit = 20, MaxLimit = 50, MaxPage = 10_000;

    public int PageOrFirst => Page ?? 1;

    public int LimitOrDefault => Math.Min(Limit ?? DefaultLimit, MaxLimit);

    /// <summary>What tells one page of a list from another, for a cache key.</summary>
    public string KeyPart => this switch
    {
        { Cursor: { } cursor } => $"{cursor}~{LimitOrDefault}",
        { PageOrFirst: 1, LimitOrDefault: DefaultLimit } => "1",
        _ => $"{PageOrFirst}~{LimitOrDefault}",
    };

    /// <returns>Null when the parameters make sense.</returns>
    public ProblemResult? Check() => this switch
    {
        { Limit: < 1 } => Problems.BadRequest("'limit' must be at least 1."),
        { Page: < 1 } => Problems.BadRequest("'page' must be at least 1."),
        { Page: > MaxPage } => Problems.BadRequest($"'page' must be at most {MaxPage}; use 'cursor' to go deeper."),
        { Page: not null, Cursor: not null } => Problems.BadRequest("Use either 'page' or 'cursor'."),
        _ => null,
    };
}
