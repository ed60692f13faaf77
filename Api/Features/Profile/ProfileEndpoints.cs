using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Features.Profile;

/// <summary>What the caller says of himself or herself. One profile for all tenants the user belongs to.</summary>
internal static class ProfileEndpoints
{
    // The first is one user's own, the second is carried by whatever shows members' names.
    private const string Subject = "profile", EverybodysSubject = "profiles";

    public static void MapProfile(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/user/profile").WithTags("User");
        group.MapGet("/", GetAsync).RequireAuthorization(policy => policy.RequireTenant()).Cached()
            .WithSummary("Your profile").Produces<ProfileResponse>().ProducesProblem(404);
        group.MapPut("/", UpdateAsync).RequireAuthorization(policy => policy.RequireTenant())
            .WithSummary("Change your profile").WithDescription("It is the same in every tenant you belong to.")
            .Produces<ProfileResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
    }

    private static ValueTask<IResult> GetAsync(HttpContext context, TenantContext tenant, CachedAnswers answers)
    {
        var user = context.User.UserId();
        return answers.GetAsync(
            context, CacheKinds.UserProfile, [CacheTag.ForUser(tenant.Current, Subject, user)], [user.ToString()], user,
            static (db, user, cancellationToken) => FindAsync(db, user, cancellationToken), "profile");
    }

    private static async Task<IResult> UpdateAsync(
        [FromBody] ProfileInput input, HttpContext context, PlatformDb db, DirectoryDb directory, DirectoryCopies copies, TenantCache cache,
        CachedAnswers answers, ITenantEvents events, CancellationToken cancellationToken)
    {
        if (input.Check(out var tidy) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var (user, versions) = (context.User.UserId(), EntityVersion.Required(context.Request));
        await using var transaction = await db.BeginAsync(cancellationToken);
        await directory.JoinAsync(transaction, cancellationToken);
        var changed = await directory.Deciding.Database.SqlQuery<Guid[]>(
            $"""
            SELECT tenant_ids AS "Value" FROM change_profile({user}, {tidy.Name}, {tidy.Locale}, {tidy.TimeZone}, {versions})
            """).ToListAsync(cancellationToken);
        if (await FindAsync(directory.Deciding, user, cancellationToken) is not { } profile)
            return Problems.NotFound("profile");
        if (changed is not [var tenants])
            return Problems.PreconditionFailed("profile");
        transaction.AfterCommit(async () =>
        {
            foreach (var tenant in tenants.Select(id => new TenantId(id)))
            {
                if (tenant != db.Tenant)
                    await copies.RefreshAsync(tenant);
                await cache.InvalidateAsync(CacheTag.ForUser(tenant, Subject, user), CacheTag.For(tenant, EverybodysSubject));
            }
            // The other tenants' users read the new name when they look again; their bus isn't this request's to write to.
            await events.PublishAsync(
                db.Tenant, new TenantEvent("user.profile_updated", System.Text.Json.JsonSerializer.SerializeToElement(
                    new { id = user, name = profile.Name }, System.Text.Json.JsonSerializerOptions.Web)), CancellationToken.None);
        });
        await transaction.CommitAsync(cancellationToken);
        context.Response.Headers.ETag = answers.Create(profile).Body.ETag;
        return TypedResults.Ok(profile);
    }

    /// <summary>Index: users_pkey; who isn't a member of the tenant isn't found.</summary>
    private static async Task<ProfileResponse?> FindAsync(PlatformDb db, Guid user, CancellationToken cancellationToken) =>
        (await db.Database.SqlQuery<ProfileResponse>(
            $"""
            SELECT id AS "Id", email AS "Email", name AS "Name", locale AS "Locale", time_zone AS "TimeZone",
                   updated_at AS "UpdatedAt", profile_version AS "Version"
            FROM users WHERE id = {user}
            """).ToListAsync(cancellationToken)).SingleOrDefault();
}
