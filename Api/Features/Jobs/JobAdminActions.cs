using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Text;
using System.Text.Json;
using Platform.Api.Http;
using Platform.Data;
using Platform.Events;
using Platform.Jobs;

namespace Platform.Api.Features.Jobs;

/// <summary>What people do with jobs. Each leaves a line in the tenant's audit log, an operator's one in the operators', too.</summary>
internal sealed class JobAdminActions(PlatformDb db, JobScope scope, IJobAdmin admin, IJobQueue queue, IJobReader reader, ITenantEvents events)
{
    private const int DefaultRedrive = 100, MaxRedrive = 1000, MaxPayload = 1024 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    public Task<IResult> RetryAsync(Guid id, Guid? tenant, ClaimsPrincipal user, CancellationToken cancellationToken) => ChangeAsync(
        id, tenant, user, "job.retry", "Only a job that is dead, failed or cancelled can be retried",
        async transaction => (await admin.RetryAsync(transaction.Transaction, transaction.Tenant, [id], cancellationToken)).Count > 0,
        cancellationToken);

    public Task<IResult> DiscardAsync(Guid id, Guid? tenant, ClaimsPrincipal user, CancellationToken cancellationToken) => ChangeAsync(
        id, tenant, user, "job.discard", "Only a dead job can be discarded",
        async transaction => (await admin.DiscardAsync(transaction.Transaction, transaction.Tenant, [id], cancellationToken)).Count > 0,
        cancellationToken);

    /// <summary>Workers do the rest and tell of it. Asked for twice is as good as once.</summary>
    public Task<IResult> CancelAsync(Guid id, Guid? tenant, ClaimsPrincipal user, CancellationToken cancellationToken) => ChangeAsync(
        id, tenant, user, "job.cancel", "Only an unfinished job can be cancelled",
        async transaction =>
        {
            await queue.CancelAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken);
            return await reader.GetStatusAsync(transaction.Connection, transaction.Tenant, id, cancellationToken) is { } job
                && !JobStates.IsFinished(job.State);
        },
        cancellationToken);

    /// <summary>
    /// For operators. Handlers trust what is in a payload: through an edited one, a tenant's admin could do what no role of a
    /// tenant may, and can't read payloads anyway.
    /// </summary>
    public async Task<IResult> EditAsync(Guid id, Guid? tenant, EditInput input, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!JobScope.IsOperator(user))
        {
            if (await scope.EnterJobAsync(user, id, tenant, "job.edit", cancellationToken) is { } refused)
                return refused;
            return await reader.GetStatusAsync(scope.DataSource, scope.Tenant, id, cancellationToken) is null
                ? Problems.NotFound("job")
                : Problems.Forbidden("Payloads are edited by operators only.");
        }
        if (input.Payload is not { ValueKind: not JsonValueKind.Undefined and not JsonValueKind.Null } element)
            return Problems.Invalid("payload", "The payload is missing.");
        var payload = JsonMarshal.GetRawUtf8Value(element).ToArray();
        if (payload.Length > MaxPayload)
            return Problems.TooLarge("A payload has at most 1 MB.");
        if (!IsUtf8(payload))
            return Problems.Invalid("payload", "The payload isn't valid UTF-8.");
        return await ChangeAsync(
            id, tenant, user, "job.edit", "Only a job that is dead, failed or cancelled can be edited",
            transaction => admin.EditAndRetryAsync(transaction.Transaction, transaction.Tenant, id, payload, cancellationToken),
            cancellationToken);
    }

    public async Task<IResult> RedriveAsync(Guid? tenant, RedriveInput input, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (input.Queue is { } name && !JobAdminReads.IsName(name))
            return Problems.Invalid("queue", "There is no such queue.");
        if (input.Type is { } type && !JobAdminReads.IsName(type))
            return Problems.Invalid("type", "There is no such type of job.");
        var limit = input.Limit ?? DefaultRedrive;
        if (limit is < 1 or > MaxRedrive)
            return Problems.Invalid("limit", $"The limit is 1 to {MaxRedrive}.");
        if (await EnterOneAsync(tenant, user, "jobs.redrive", cancellationToken) is { } refused)
            return refused;

        await using var transaction = await db.BeginAsync(cancellationToken);
        var ids = await admin.RedriveAsync(transaction.Transaction, transaction.Tenant, input.Queue, input.Type, limit, cancellationToken);
        await JobAudit.AddAsync(
            transaction, user, "jobs.redrive", null, new { queue = input.Queue, type = input.Type, retried = ids.Count, by = JobAudit.By(user) },
            cancellationToken);
        AfterCommit(transaction, "jobs.redriven", new { retried = ids.Count });
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new RedriveResponse(ids.Count));
    }

    /// <summary>Pauses or resumes a queue (null: all) for the caller's tenant or the one an operator names; without one, for everybody.</summary>
    public async Task<IResult> PauseAsync(Guid? tenant, string? name, bool paused, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var action = paused ? "jobs.pause" : "jobs.resume";
        if (name is not null && !JobQueues.All.Contains(name, StringComparer.Ordinal))
            return Problems.NotFound("queue");
        if (name is not null && tenant is null && JobScope.IsOperator(user))
        {
            await scope.PauseForAllAsync(user, name, paused, cancellationToken);
            return TypedResults.NoContent();
        }
        if (await EnterOneAsync(tenant, user, action, cancellationToken) is { } refused)
            return refused;

        await using var transaction = await db.BeginAsync(cancellationToken);
        await (paused
            ? admin.PauseTenantAsync(transaction.Transaction, transaction.Tenant, name, cancellationToken)
            : admin.ResumeTenantAsync(transaction.Transaction, transaction.Tenant, name, cancellationToken));
        await JobAudit.AddAsync(transaction, user, action, name, JobAudit.By(user) is { } by ? new { by } : null, cancellationToken);
        AfterCommit(transaction, paused ? "jobs.paused" : "jobs.resumed", new { queue = name });
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    public async Task<IResult> CancelBatchAsync(Guid id, Guid? tenant, ClaimsPrincipal user, IJobSearch search, CancellationToken cancellationToken)
    {
        if (await scope.EnterBatchAsync(user, id, tenant, "batch.cancel", cancellationToken) is { } refused)
            return refused;
        if (await search.GetBatchAsync(scope.DataSource, scope.Tenant, id, cancellationToken) is not { } batch)
            return Problems.NotFound("batch");
        if (batch.Open == 0)
            return Problems.Conflict("All jobs of the batch have ended.");
        await using var transaction = await db.BeginAsync(cancellationToken);
        var asked = await queue.CancelBatchAsync(transaction.Transaction, transaction.Tenant, id, cancellationToken);
        await JobAudit.AddAsync(transaction, user, "batch.cancel", id.ToString(), new { asked, by = JobAudit.By(user) }, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new BatchCancelResponse(asked));
    }

    /// <param name="rule">Why it can't be done in another state, without a full stop.</param>
    /// <param name="change">Answers whether it was done.</param>
    private async Task<IResult> ChangeAsync(
        Guid id, Guid? tenant, ClaimsPrincipal user, string action, string rule, Func<TenantTransaction, Task<bool>> change,
        CancellationToken cancellationToken)
    {
        if (await scope.EnterJobAsync(user, id, tenant, action, cancellationToken) is { } refused)
            return refused;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var done = await change(transaction);
        if (await reader.GetStatusAsync(transaction.Connection, transaction.Tenant, id, cancellationToken) is not { } job)
            return Problems.NotFound("job");
        if (!done)
            return Problems.Conflict($"{rule}; this one is {job.State}.");
        await JobAudit.AddAsync(
            transaction, user, action, id.ToString(), new { type = job.Type, queue = job.Queue, by = JobAudit.By(user) }, cancellationToken);
        if (action != "job.cancel")
        {
            AfterCommit(
                transaction, $"job.{job.State}", new { id, type = job.Type, queue = job.Queue, state = job.State, progress = job.Progress }, $"job:{id}");
        }
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(job);
    }

    private async Task<ProblemResult?> EnterOneAsync(Guid? tenant, ClaimsPrincipal user, string action, CancellationToken cancellationToken) =>
        tenant is null && JobScope.IsOperator(user)
            ? Problems.BadRequest("'tenant' says whose jobs.")
            : await scope.EnterAsync(user, tenant, action, cancellationToken);

    // Done already: a client that left mustn't keep the others from hearing of it, hence no token.
    private void AfterCommit(TenantTransaction transaction, string what, object data, string? channel = null) => transaction.AfterCommit(async () =>
        await events.PublishAsync(
            transaction.Tenant, new TenantEvent(what, JsonSerializer.SerializeToElement(data, JsonSerializerOptions.Web), channel),
            CancellationToken.None));

    private static bool IsUtf8(ReadOnlySpan<byte> text)
    {
        try
        {
            StrictUtf8.GetCharCount(text);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
