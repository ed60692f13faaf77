using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Features.Subscriptions;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.ApiKeys;

internal static class ApiKeyEndpoints
{
    private const string List = "api-keys";

    /// <summary>Machines with keys beside people with tokens.</summary>
    public static void AddApiKeys(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ApiKeyVerifier>();
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, ApiKeyHandler>(ApiKeyHandler.SchemeName, null);
    }

    public static void MapApiKeys(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/api-keys").WithTags("API keys");
        group.MapGet("/", ListAsync).RequirePermission(Permissions.KeysManage)
            .WithSummary("List API keys").WithDescription("Newest first, without those revoked.")
            .Produces<Page<ApiKeyResponse>>().ProducesProblem(400);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.KeysManage)
            .WithSummary("Create an API key")
            .WithDescription("The answer shows the key, this once. With an `Idempotency-Key`, a repeated request creates one key; its answer doesn't show it. " +
                "402 when the plan has no keys for machines; those made before stay good.")
            .Produces<CreatedApiKeyResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesProblem(403).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", RevokeAsync).RequirePermission(Permissions.KeysManage)
            .WithSummary("Revoke an API key").WithDescription("It stops working at once, on other replicas within seconds.")
            .Produces(204).ProducesProblem(404);
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, DirectoryDb directory, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var db = directory.Deciding;
        if (ListQuestion.Read(query, db.Tenant, List, cursors, out var ask) is { } problem)
            return problem;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var rows = await ApiKeyStore.ListAsync(transaction, ask, cancellationToken);
        var total = await ask.TotalAsync(rows.Count, async () => await ApiKeyStore.CountAsync(transaction, cancellationToken));
        return PageAnswer.Ok(context, ask.Page(rows, total, row => new Cursor(row.CreatedAt, row.Id), cursors));
    }

    private static async Task<IResult> CreateAsync(
        [FromBody] ApiKeyInput input, HttpContext context, DirectoryDb directory, PlanFeatures plan, Idempotency idempotency,
        TenantCache cache, IOptions<AuthOptions> options, IOptions<JsonOptions> json, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await plan.RequireAsync(PlanFeatures.ApiKeys, cancellationToken) is { } unpaid)
            return unpaid;
        var now = time.GetUtcNow();
        if (ApiKeyRules.Check(input, now, out var name, out var scopes) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        if (scopes.FirstOrDefault(scope => !context.User.Holds(scope)) is { } missing)
            return Problems.Forbidden($"A key can't do more than you: you don't hold '{missing}'.");
        context.Response.Headers.CacheControl = "no-store";
        CreatedApiKeyResponse? shown = null;
        var answer = await idempotency.RunAsync(context, new ApiKeyInput(name, scopes, input.ExpiresAt), async transaction =>
        {
            var deciding = await directory.JoinAsync(transaction, cancellationToken);
            if (await ApiKeyStore.CountAsync(deciding, cancellationToken) >= options.Value.MaxApiKeys)
                return Problems.Conflict($"There are {options.Value.MaxApiKeys} keys, as many as a tenant can have. Revoke one first.");
            var key = ApiKeyFormat.Create();
            // What is kept for repeated requests has no key in it.
            var kept = new CreatedApiKeyResponse(Guid.CreateVersion7(now), name, ApiKeyFormat.Prefix(key), scopes, now, input.ExpiresAt, Key: null);
            await ApiKeyStore.AddAsync(deciding, kept, ApiKeyFormat.Hash(key), context.User.FindUserId(), cancellationToken);
            await AuditLog.AddAsync(
                transaction, context.User, "api-key.create", kept.Id.ToString(), new { name, scopes, input.ExpiresAt }, cancellationToken);
            transaction.AfterCommit(() => new(cache.InvalidateAsync(SubscriptionEndpoints.Tag(transaction.Tenant))));
            shown = kept with { Key = key };
            return StoredResponse.Created($"/api/admin/api-keys/{kept.Id}", kept, json.Value.SerializerOptions);
        }, cancellationToken);
        return StoredResponse.Showing(answer, shown, json.Value.SerializerOptions);
    }

    private static async Task<IResult> RevokeAsync(
        Guid id, ClaimsPrincipal user, PlatformDb db, DirectoryDb directory, ApiKeyVerifier keys, TenantCache cache,
        TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        if (!await ApiKeyStore.RevokeAsync(deciding, id, time.GetUtcNow(), cancellationToken))
            return Problems.NotFound("API key");
        await AuditLog.AddAsync(transaction, user, "api-key.revoke", id.ToString(), null, cancellationToken);
        transaction.AfterCommit(() =>
        {
            keys.Forget(id);
            return new(cache.InvalidateAsync(SubscriptionEndpoints.Tag(db.Tenant)));
        });
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
