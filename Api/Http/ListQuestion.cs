using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Http;

/// <summary>Which rows of a list that is sorted by creation, newest first, were asked for.</summary>
/// <param name="List">Name of the list with its filter; a cursor holds for that one only.</param>
/// <param name="After">The place after which the page begins; null when it was asked for by number.</param>
internal sealed record ListQuestion(PageQuery Query, TenantId Tenant, string List, Cursor? After)
{
    public int Limit => Query.LimitOrDefault;

    /// <summary>One row more tells whether there is another page.</summary>
    public int Take => Limit + 1;

    public int Skip => After is null ? (Query.PageOrFirst - 1) * Limit : 0;

    /// <summary>Beyond so many rows a list isn't counted: it would take longer than reading the page.</summary>
    private const int MaxCounted = 100_000;

    /// <summary>The rows of the page, newest first; one more than fits if there is another page.</summary>
    public IQueryable<T> Of<T>(IQueryable<T> rows)
        where T : class, IListedRow
    {
        if (After is { } place)
        {
            rows = rows.Where(row => EF.Functions.LessThan(
                ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)));
        }
        return Slice(rows.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id));
    }

    /// <summary>Of rows in the list's order those of the page; one more than fits if there is another page.</summary>
    public IQueryable<T> Slice<T>(IQueryable<T> rows) => (Skip == 0 ? rows : rows.Skip(Skip)).AtMost(Take);

    /// <summary>How many rows the list has. A page on which it ends shows that by itself; only for others is it counted.</summary>
    /// <param name="read">Rows read for the page, at most <see cref="Take"/>.</param>
    /// <param name="count">Gives null beyond what it counts to, which may not be less than <see cref="SearchText.MaxCountedMatches"/>.</param>
    /// <returns>Null when a page was asked for by cursor, which saves the counting, or when there are too many.</returns>
    public async Task<long?> TotalAsync(int read, Func<Task<long?>> count)
    {
        if (After is not null)
            return null;
        var isEnd = read <= Limit && (read > 0 || Skip == 0);
        return isEnd && Skip + read <= SearchText.MaxCountedMatches ? Skip + read : await count();
    }

    /// <summary>The same, counting <paramref name="rows"/>.</summary>
    /// <param name="max">Beyond so many it is null.</param>
    public Task<long?> TotalAsync<T>(int read, IQueryable<T> rows, CancellationToken cancellationToken, int max = MaxCounted) =>
        TotalAsync(read, async () => await rows.Take(max + 1).LongCountAsync(cancellationToken) is var count && count <= max ? count : null);

    public DateTimeOffset? AfterCreatedAt => After?.CreatedAt;

    public Guid? AfterId => After?.Id;

    /// <returns>Null when the parameters make sense.</returns>
    public static ProblemResult? Read(PageQuery query, TenantId tenant, string list, CursorCodec cursors, out ListQuestion question)
    {
        Cursor? after = null;
        question = null!;
        if (query.Check() is { } problem)
            return problem;
        if (query.Cursor is not null && (after = cursors.Read(query.Cursor, tenant, list)) is null)
            return Problems.BadRequest("'cursor' isn't one this list gave out.");
        question = new ListQuestion(query, tenant, list, after);
        return null;
    }

    /// <param name="rows">At most <see cref="Take"/>.</param>
    /// <param name="total">Null when it wasn't counted.</param>
    public Page<T> Page<T>(IReadOnlyList<T> rows, long? total, Func<T, Cursor> place, CursorCodec cursors)
    {
        var next = rows.Count > Limit ? cursors.Write(place(rows[Limit - 1]), Tenant, List) : null;
        return new Page<T>([.. rows.Take(Limit)], new Pagination(After is null ? Query.PageOrFirst : null, Limit, total, next));
    }
}
