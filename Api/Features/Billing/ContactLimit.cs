using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Billing;

namespace Platform.Api.Features.Billing;

/// <summary>How many contacts a tenant may have.</summary>
internal static class ContactLimit
{
    /// <summary>
    /// Whether there is room for one more, asked before it is added in the same transaction. Who has more than the plan allows, because it
    /// was changed or because strangers wrote, keeps them.
    /// </summary>
    /// <returns>Null when there is, else 402.</returns>
    public static async Task<ProblemResult?> RequireAsync(TenantTransaction transaction, CancellationToken cancellationToken) =>
        Judge(await Usage.ContactsAsync(transaction.Connection, transaction.Transaction, 1, cancellationToken));

    /// <summary>The same, as of now and without keeping it so.</summary>
    public static async Task<ProblemResult?> CheckAsync(PlatformDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        return await RequireAsync(transaction, cancellationToken);
    }

    private static ProblemResult? Judge((long Used, long? Allowed) contacts) =>
        contacts is { Allowed: { } allowed } && contacts.Used >= allowed
            ? Problems.PlanExhausted(PlanLimits.Contacts, contacts.Used, allowed)
            : null;
}
