using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Webhooks;

/// <summary>
/// What webhook sources and endpoints have in common: a tenant's few rows with a secret that is shown once, each changed under its lock, with
/// its version, a line in the audit log and an event.
/// </summary>
internal sealed class WebhookRows<TRow, TResponse>(
    PlatformDb db, PlanFeatures plan, SecretProtector protector, CursorCodec cursors, Idempotency idempotency, ChangeNotice notice, IOptions<JsonOptions> json)
    where TRow : class, IWebhookRow
    where TResponse : class, IWebhookRowResponse<TRow, TResponse>
{
    private static readonly string What = $"webhook {TResponse.Kind}", Dashed = $"webhook-{TResponse.Kind}";

    /// <summary>Where they are found; with the answers that are never kept, for some show a secret.</summary>
    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup($"/api/admin/{Dashed}s").WithTags("Webhooks").RequirePermission(Permissions.WebhooksManage);
        group.AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });
        return group;
    }

    /// <summary>Newest first. Indexes: webhook_sources_created_idx, webhook_endpoints_created_idx.</summary>
    public async Task<IResult> ListAsync(PageQuery query, HttpContext context, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, $"{Dashed}s", cursors, out var ask) is { } problem)
            return problem;
        var all = db.Set<TRow>();
        var rows = await ask.Of(all).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(rows.Count, all, cancellationToken);
        var page = ask.Page(
            rows.ConvertAll(row => TResponse.From(row, protector)), total, row => new Cursor(row.CreatedAt, row.Id), cursors);
        return PageAnswer.Ok(context, page);
    }

    public async Task<IResult> GetAsync(Guid id, HttpContext context, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } row ? Shown(context, row) : Problems.NotFound(What);

    /// <summary>Index: the table's primary key.</summary>
    public Task<TRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.Set<TRow>().SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    /// <param name="create">Gives the row, and how it is shown this once.</param>
    public async Task<IResult> CreateAsync<TInput>(
        HttpContext context, TInput input, Func<Task<(TRow Row, Func<TResponse, TResponse> Showing)>> create, CancellationToken cancellationToken)
    {
        if (await plan.RequireAsync(PlanFeatures.Webhooks, cancellationToken) is { } unpaid)
            return unpaid;
        TResponse? shown = null;
        var answer = await idempotency.RunAsync(context, input, async transaction =>
        {
            var (row, showing) = await create();
            await AuditLog.AddAsync(
                transaction, context.User, $"{Dashed}.create", row.Id.ToString(), TResponse.Told(row), cancellationToken);
            Tell(transaction, "created", row);
            var masked = TResponse.From(row, protector);
            shown = showing(masked);
            // What is kept for repeated requests has no secret in it.
            return RowAnswer.Created($"/api/admin/{Dashed}s/{row.Id}", masked, json.Value.SerializerOptions);
        }, cancellationToken);
        return StoredResponse.Showing(answer, shown, json.Value.SerializerOptions);
    }

    /// <param name="then">Once it is committed.</param>
    public Task<IResult> UpdateAsync(Guid id, HttpContext context, Func<Task<TRow>> change, Action<TRow>? then, CancellationToken cancellationToken) =>
        ChangeAsync(id, context, "update", change, row => Shown(context, row), then, cancellationToken);

    /// <summary>The secret so far stays good, too, until <see cref="EndPreviousAsync"/> or the next rotation.</summary>
    /// <param name="given">The new one, where another system makes it; else one is generated and shown.</param>
    public Task<IResult> RotateAsync(Guid id, HttpContext context, string? given, Action<TRow>? then, CancellationToken cancellationToken)
    {
        var secret = given ?? WebhookSecrets.Create();
        return ChangeAsync(
            id, context, "rotate-secret", () => OneAsync(
                $"UPDATE {Table} SET previous_secret = secret, secret = {{2}}, updated_at = now(), version = version + 1", cancellationToken,
                db.Tenant.Value, id, WebhookSecrets.Protect(protector, db.Tenant, id, secret)),
            row => Shown(context, row, given is null ? secret : null), then, cancellationToken);
    }

    public Task<IResult> EndPreviousAsync(Guid id, HttpContext context, Action<TRow>? then, CancellationToken cancellationToken) => ChangeAsync(
        id, context, "end-previous-secret", () => OneAsync(
            $"UPDATE {Table} SET previous_secret = NULL, updated_at = now(), version = version + 1", cancellationToken, db.Tenant.Value, id),
        row => Shown(context, row), then, cancellationToken);

    /// <summary>With the record of its calls.</summary>
    public Task<IResult> DeleteAsync(Guid id, HttpContext context, Action<TRow>? then, CancellationToken cancellationToken) => ChangeAsync(
        id, context, "delete", () => OneAsync($"DELETE FROM {Table}", cancellationToken, db.Tenant.Value, id), _ => TypedResults.NoContent(), then,
        cancellationToken);

    // The table's name comes from the model, never from a request.
    private string Table => db.Model.FindEntityType(typeof(TRow))!.GetTableName()!;

    private async Task<IResult> ChangeAsync(
        Guid id, HttpContext context, string action, Func<Task<TRow>> change, Func<TRow, IResult> answer, Action<TRow>? then,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<TRow>(context, db, id, What, cancellationToken);
        if (before is null)
            return problem!;
        var row = await change();
        await AuditLog.AddAsync(transaction, context.User, $"{Dashed}.{action}", id.ToString(), null, cancellationToken);
        Tell(transaction, action == "delete" ? "deleted" : "updated", row);
        transaction.AfterCommit(() =>
        {
            then?.Invoke(row);
            return ValueTask.CompletedTask;
        });
        await transaction.CommitAsync(cancellationToken);
        return answer(row);
    }

    /// <summary>Index: the table's primary key.</summary>
    /// <param name="values">The tenant, the id, then the statement's own.</param>
    private async Task<TRow> OneAsync(string statement, CancellationToken cancellationToken, params object[] values)
    {
        var sql = $"{statement} WHERE tenant_id = {{0}} AND id = {{1}} RETURNING *";
        return (await db.Set<TRow>().FromSqlRaw(sql, values).IgnoreQueryFilters().ToListAsync(cancellationToken)).Single();
    }

    /// <param name="secret">In clear, when it was just generated; null for masked.</param>
    private IResult Shown(HttpContext context, TRow row, string? secret = null)
    {
        var masked = TResponse.From(row, protector);
        return RowAnswer.Ok(context, secret is null ? masked : masked.Showing(secret));
    }

    private void Tell(TenantTransaction transaction, string what, TRow row) =>
        notice.AfterCommit(transaction, $"webhook.{TResponse.Kind}_{what}", TResponse.Told(row), IWebhookRow.CacheSubject);
}
