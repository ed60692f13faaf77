using Platform.Api.Features.Auth;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Images;
using Platform.Tenancy;

namespace Platform.Api.Features.Images;

/// <summary>The caller's avatar, the tenant's logo, and the files that show them.</summary>
internal static class ImageEndpoints
{
    public const string FilesPath = "/api/images";

    private const string UploadDescription =
        "The body is the file: PNG, JPEG or WebP, at most 5 MB and 25 million pixels. Its sizes are made in the background, upright and " +
        "without metadata; `Location` is where to follow that, and what was shown before stays until then. With an `Idempotency-Key`, a repeated " +
        "upload of the same file is stored once. 503 where no Worker can do it.";

    public static void AddImages(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImageOptions>().BindConfiguration(ImageOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ImageReader>();
        builder.Services.AddSingleton<ImageWorkers>();
        builder.Services.AddScoped<ImageUpload>();
    }

    public static void MapImages(this IEndpointRouteBuilder endpoints)
    {
        var avatar = endpoints.MapGroup("/api/user/profile/avatar").WithTags("User");
        avatar.MapGet("/", (HttpContext context, TenantContext tenant, CachedAnswers answers) =>
                GetAsync(context, tenant, answers, CacheKinds.UserProfile, ImageKinds.Avatar, context.User.UserId()))
            .RequireAuthorization(policy => policy.RequireTenant()).Cached()
            .WithSummary("Your avatar in this tenant").Produces<ImageResponse>().ProducesProblem(404);
        avatar.MapPut("/", (HttpContext context, ImageUpload upload, CancellationToken cancellationToken) =>
                upload.PutAsync(context, ImageKinds.Avatar, context.User.UserId(), cancellationToken))
            .RequireAuthorization(policy => policy.RequireTenant()).AcceptsImage()
            .WithSummary("Replace your avatar").WithDescription(UploadDescription);
        avatar.MapDelete("/", (HttpContext context, ImageUpload upload, CancellationToken cancellationToken) =>
                upload.DeleteAsync(context, ImageKinds.Avatar, context.User.UserId(), cancellationToken))
            .RequireAuthorization(policy => policy.RequireTenant())
            .WithSummary("Delete your avatar").Produces(204).ProducesProblem(404).ProducesProblem(412);

        var logo = endpoints.MapGroup("/api/session/settings/logo").WithTags("Settings");
        logo.MapGet("/", (HttpContext context, TenantContext tenant, CachedAnswers answers) =>
                GetAsync(context, tenant, answers, CacheKinds.TenantSettings, ImageKinds.Logo, tenant.Current.Value))
            .RequireAuthorization(policy => policy.RequireTenant()).Cached()
            .WithSummary("The tenant's logo").Produces<ImageResponse>().ProducesProblem(404);
        logo.MapPut("/", (HttpContext context, TenantContext tenant, ImageUpload upload, CancellationToken cancellationToken) =>
                upload.PutAsync(context, ImageKinds.Logo, tenant.Current.Value, cancellationToken))
            .RequirePermission(Permissions.TeamManage).AcceptsImage()
            .WithSummary("Replace the tenant's logo").WithDescription(UploadDescription);
        logo.MapDelete("/", (HttpContext context, TenantContext tenant, ImageUpload upload, CancellationToken cancellationToken) =>
                upload.DeleteAsync(context, ImageKinds.Logo, tenant.Current.Value, cancellationToken))
            .RequirePermission(Permissions.TeamManage)
            .WithSummary("Delete the tenant's logo").Produces(204).ProducesProblem(404).ProducesProblem(412);

        endpoints.MapGet($"{FilesPath}/{{hash}}", FileAsync).RequireAuthorization(policy => policy.RequireTenant()).WithTags("User")
            .WithSummary("A picture's file")
            .WithDescription("Under the hash of its content, so it may be kept for ever; another tenant's is unknown.")
            .Produces(200, contentType: ImageFile.ContentType).Produces(304).ProducesProblem(404);
    }

    private static RouteHandlerBuilder AcceptsImage(this RouteHandlerBuilder endpoint) => endpoint
        .WithRateLimit(weight: 5, policy: RateLimitPolicies.Images)
        .Accepts<Stream>("application/octet-stream", "image/png", "image/jpeg", "image/webp")
        .Produces<ImageAccepted>(202)
        .ProducesProblem(408).ProducesProblem(412).ProducesProblem(413).ProducesProblem(415).ProducesValidationProblem(422).ProducesProblem(429).ProducesProblem(503);

    private static ValueTask<IResult> GetAsync(
        HttpContext context, TenantContext tenant, CachedAnswers answers, CacheKind cacheKind, string kind, Guid owner) =>
        answers.GetAsync(
            // Of all the tenant's, too: the clean-up ends what was abandoned of any of them.
            context, cacheKind,
            [CacheTag.For(tenant.Current, ImageKinds.CacheSubject, kind, owner), CacheTag.For(tenant.Current, ImageKinds.CacheSubject)],
            [kind, owner.ToString()], (kind, owner),
            static (db, ask, cancellationToken) => ImageCommands.FindAsync(db, ask.kind, ask.owner, cancellationToken), kind);

    private static async Task<IResult> FileAsync(string hash, HttpContext context, PlatformDb db, CancellationToken cancellationToken)
    {
        if (hash.Length != 64 || !hash.All(char.IsAsciiHexDigitLower)
            || await ImageCommands.ReadAsync(await db.ReadOnlyAsync(cancellationToken), hash, cancellationToken) is not { } content)
            return Problems.NotFound("picture");
        var headers = context.Response.Headers;
        headers.ETag = $"\"{hash}\"";
        // Only this caller's: a shared cache doesn't ask who is signed in.
        headers.CacheControl = "private, max-age=31536000, immutable";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return EntityVersion.IsKnown(context.Request.Headers.IfNoneMatch, hash)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Bytes(content, ImageFile.ContentType);
    }
}
