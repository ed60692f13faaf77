using Platform.Api.Http;
using Platform.Data;

namespace Platform.Api.Features.Billing;

/// <summary>How many members a tenant may have: as many as it subscribed to, and no more than its plan has.</summary>
internal static class Seats
{
    public const string Limit = "seats";

    /// <param name="subscribed">Null without a subscription.</param>
    /// <param name="plan">Null for no limit.</param>
    /// <returns>Null for no limit.</returns>
    public static int? Allowed(int? subscribed, int? plan) =>
        subscribed is { } own && plan is { } most ? Math.Min(own, most) : subscribed ?? plan;

    /// <summary>
    /// To be called with the new member in, under the lock of the tenant's members. Who has more members than seats, because the
    /// plan was changed, keeps them. Indexes: tenants_pkey, plans_pkey, subscriptions_pkey.
    /// </summary>
    /// <param name="members">How many there are, the new one included.</param>
    /// <returns>Null when there is a seat, else 402.</returns>
    public static async Task<ProblemResult?> RequireAsync(TenantTransaction transaction, long members, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateTenantCommand(
            """
            SELECT s.seats, p.seats FROM tenants t JOIN plans p ON p.name = t.plan LEFT JOIN subscriptions s ON s.tenant_id = t.id
            WHERE t.id = $1
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return Allowed(reader.GetFieldValue<int?>(0), reader.GetFieldValue<int?>(1)) is { } allowed && members > allowed
            ? Problems.PlanExhausted(Limit, members - 1, allowed)
            : null;
    }
}
