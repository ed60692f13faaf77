using Microsoft.EntityFrameworkCore;
using Platform.Data;

namespace Platform.Api.Http;

/// <summary>Gets a row to change it: whoever else wants to change it waits for the end of the transaction.</summary>
internal static class LockedRow
{
    /// <summary>Call it in a transaction. Index: the table's primary key.</summary>
    /// <param name="what">"event", for the problem.</param>
    /// <returns>The row, or why it can't be changed: there is none (404), or <c>If-Match</c> names another version (412).</returns>
    public static async Task<(T? Row, ProblemResult? Problem)> ForChangeAsync<T>(
        HttpContext context, PlatformDb db, Guid id, string what, CancellationToken cancellationToken)
        where T : class, IVersionedRow
    {
        // The table's name comes from the model, never from a request.
        var sql = $"SELECT * FROM {db.Model.FindEntityType(typeof(T))!.GetTableName()} WHERE tenant_id = {{0}} AND id = {{1}} FOR UPDATE";
        var rows = await db.Set<T>().FromSqlRaw(sql, db.Tenant.Value, id)
            .IgnoreQueryFilters().ToListAsync(cancellationToken);
        if (rows is not [var row])
            return (null, Problems.NotFound(what));
        return EntityVersion.Allows(context.Request, row.Version) ? (row, null) : (null, Problems.PreconditionFailed(what));
    }
}
