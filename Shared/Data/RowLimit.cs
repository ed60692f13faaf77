using System.Linq.Expressions;
using System.Reflection;
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
        Method<T>.Take, rows.Expression, Expression.Call(Constant, Expression.Constant(count))));

    private static readonly MethodInfo Constant = new Func<int, int>(EF.Constant).Method;

    private static class Method<T>
    {
        public static readonly MethodInfo Take = new Func<IQueryable<T>, int, IQueryable<T>>(Queryable.Take).Method;
    }
}
