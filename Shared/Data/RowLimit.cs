using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore;

namespace Platform.Data;

public static class RowLimit
{
    /// <summary>The first so many rows; the number is a part of the statement and not, as with <c>Take</c>, a parameter.</summary>
    /// <remarks>
    /// With a limit it doesn't know the planner expects many rows, finds any plan for the very values cheaper than its general one,
    /// and so plans each execution anew, which takes longer than reading a page. For numbers of which there are few: each is a
    /// statement of its own.
    /// </remarks>
    public static IQueryable<T> AtMost<T>(this IQueryable<T> rows, int count) => rows.Provider.CreateQuery<T>(Expression.Call(
        typeof(Queryable), nameof(Queryable.Take), [typeof(T)], rows.Expression,
        Expression.Call(typeof(EF), nameof(EF.Constant), [typeof(int)], Expression.Constant(count))));
}
