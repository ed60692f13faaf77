using Microsoft.EntityFrameworkCore;

namespace Platform.Data;

/// <summary>How many rows the tenant has in a table whose rows are counted as they come and go (0014).</summary>
public static class RowCounts
{
    /// <summary>Exact, as of the caller's snapshot, however many there are. Index: tenant_row_counts_pkey.</summary>
    /// <param name="relation">A table with the triggers <c>count_added</c> and <c>count_deleted</c>.</param>
    public static async Task<long> CountAsync(PlatformDb db, string relation, CancellationToken cancellationToken)
    {
        var tenant = db.Tenant.Value;
        var counts = await db.Database.SqlQuery<long>(
            $"""
            SELECT COALESCE(sum(rows), 0)::bigint AS "Value" FROM tenant_row_counts WHERE tenant_id = {tenant} AND relation = {relation}
            """).ToListAsync(cancellationToken);
        return counts[0];
    }
}
