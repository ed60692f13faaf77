using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Caching;
using Platform.Data;
using Platform.Tenancy;

namespace Platform.Api.Http;

/// <summary>
/// Answers GETs from the tenant cache. What is cached is the finished answer, so that one from memory is written out as it is:
/// no scope of the database, no serialisation, no waiting.
/// </summary>
internal sealed class CachedAnswers(TenantCache cache, IOptions<JsonOptions> json)
{
    /// <summary>The cached answer, or a new one made of what <paramref name="fetch"/> gives; 404 when that is null.</summary>
    /// <param name="tags">What the answer depends on; a change invalidates them after its commit.</param>
    /// <param name="parts">
    /// What tells it from others of its kind in the tenant: the user's id if users see different things, <c>PageQuery.KeyPart</c>,
    /// filters, an id. Several endpoints of one kind begin with a word each.
    /// </param>
    /// <param name="state">What <paramref name="fetch"/> needs; so the function itself can be static.</param>
    /// <param name="fetch">Reads the value from the tenant's data.</param>
    /// <param name="missing">What there is none of, for the 404: "event".</param>
    /// <typeparam name="TValue">
    /// Becomes the JSON body. <see cref="IPage"/> gets its <c>Link</c> header; <see cref="IVersioned"/> has its version as
    /// <c>ETag</c>, as <c>If-Match</c> expects; anything else a hash of the body.
    /// </typeparam>
    public ValueTask<IResult> GetAsync<TState, TValue>(
        HttpContext context, CacheKind kind, ReadOnlySpan<CacheTag> tags, ReadOnlySpan<string> parts,
        TState state, Func<PlatformDb, TState, CancellationToken, Task<TValue?>> fetch, string missing = "resource")
        where TValue : class
    {
        var tenant = context.RequestServices.GetRequiredService<TenantContext>().Current;
        if (!cache.TryGetLocal<CachedAnswer>(tenant, kind, parts, out var answer, out var place))
            return LoadAsync(context, CacheKey.Create(tenant, kind, tags, parts), state, fetch, missing);
        if (context is { User: PlatformPrincipal caller } && context.GetEndpoint() is { } endpoint)
            caller.Answers.Remember(context.Request, endpoint, place);
        return new ValueTask<IResult>(answer.Hit);
    }

    /// <summary>The finished answer of a value, as the cache keeps it.</summary>
    public CachedAnswer Create<TValue>(TValue value)
        where TValue : class =>
        CachedAnswer.Create(
            JsonSerializer.SerializeToUtf8Bytes(value, json.Value.SerializerOptions),
            value as IVersioned, (value as IPage)?.Pagination);

    private async ValueTask<IResult> LoadAsync<TState, TValue>(
        HttpContext context, CacheKey key, TState state, Func<PlatformDb, TState, CancellationToken, Task<TValue?>> fetch, string missing)
        where TValue : class
    {
        var cached = await cache.GetOrCreateAsync(
            key,
            async cancellationToken =>
            {
                var db = await context.RequestServices.GetRequiredService<PlatformDb>().ReadOnlyAsync(cancellationToken);
                return await fetch(db, state, cancellationToken) is { } value ? Create(value) : null!;
            },
            CachedAnswer.Codec, context.RequestAborted);
        return cached switch
        {
            { Value: null } => Problems.NotFound(missing),
            { IsHit: true, Value: var answer } => answer.Hit,
            { Value: var answer } => answer.Miss,
        };
    }
}
