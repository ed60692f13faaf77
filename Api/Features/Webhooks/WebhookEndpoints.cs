using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Data.Webhooks;
using Platform.ServiceDefaults.Telemetry;

namespace Platform.Api.Features.Webhooks;

/// <summary>
/// Where other systems call. Whoever can't prove that they are the source an address was made for gets the same answer as for an
/// address that was never made, after the same work.
/// </summary>
internal static class WebhookEndpoints
{
    private const int MaxChallenge = 200, MaxSlug = 63;

    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>().BindConfiguration(WebhookOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<KnownSources>();
        builder.Services.AddSingleton<WebhookIntake>();
        builder.Services.AddSingleton<WebhookLimits>();
    }

    public static void MapWebhooks(this IEndpointRouteBuilder endpoints)
    {
        // See WebhookLimits: by source once it is known, by address before.
        var group = endpoints.MapGroup("/api/webhooks/{provider}/{slug}").WithTags("Webhooks").AllowAnonymous().WithoutRateLimit();

        group.MapGet("/", ConfirmAsync)
            .WithSummary("Confirm a subscription")
            .WithDescription("Meta's `hub.challenge` is answered to whoever knows the source's verify token.")
            .Produces<string>(200, "text/plain").ProducesProblem(400).ProducesProblem(404).ProducesProblem(429);
        group.MapPost("/", ReceiveAsync)
            .WithSummary("Take a call of another system")
            .WithDescription(
                "JSON of at most 256 KiB, signed: `X-Hub-Signature-256` for `meta`; `webhook-id`, `webhook-timestamp` (at most 5 minutes " +
                "from now) and `webhook-signature` as in Standard Webhooks for `generic`. It is stored and worked on in the background; a " +
                "call that comes again is answered alike and does nothing.")
            .Produces<ReceivedResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429);
    }

    private static async Task<IResult> ConfirmAsync(
        string provider, string slug, [FromQuery(Name = "hub.mode")] string? mode, [FromQuery(Name = "hub.verify_token")] string? token,
        [FromQuery(Name = "hub.challenge")] string? challenge, HttpContext context, KnownSources sources, WebhookLimits limits,
        CancellationToken cancellationToken)
    {
        if (mode != "subscribe" || token is not { Length: > 0 })
            return await limits.RefuseAsync(context, provider, Unknown());
        var source = await FindAsync(sources, provider, slug, cancellationToken);
        var knows = CryptographicOperations.FixedTimeEquals(Hash(token), Hash(source?.VerifyToken ?? "nobody's"));
        if (!knows || source?.VerifyToken is null)
            return await limits.RefuseAsync(context, provider, Unknown());
        if (await limits.LimitAsync(context, provider, source) is { } limited)
            return limited;
        if (challenge is not { Length: > 0 and <= MaxChallenge } || challenge.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return Problems.BadRequest("'hub.challenge' is missing or isn't one.");
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return TypedResults.Text(challenge, "text/plain");
    }

    private static async Task<IResult> ReceiveAsync(
        string provider, string slug, HttpContext context, KnownSources sources, WebhookIntake intake, WebhookLimits limits,
        IOptions<WebhookOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (WebhookBody.Check(context.Request) is { } unfit)
            return await limits.RefuseAsync(context, provider, unfit);
        // Without the body, which is only read of a call that might be good.
        if (WebhookSignature.Read(provider, context.Request.Headers, body: []) is null)
            return await limits.RefuseAsync(context, provider, Problems.BadRequest("The call isn't signed as its provider signs."));
        var source = await FindAsync(sources, provider, slug, cancellationToken);
        // The one case in which it shows that there is no such slug; it has 130 bits, so nobody finds another by trying.
        if (source is null && limits.IsBlocked(context))
            return await limits.RefuseAsync(context, provider, Unknown());
        var (body, problem) = await WebhookBody.ReadAsync(context, cancellationToken);
        if (body is null)
            return await limits.RefuseAsync(context, provider, problem!);
        var signature = WebhookSignature.Read(provider, context.Request.Headers, body)!;
        if (!signature.IsOf(source))
            return await limits.RefuseAsync(context, provider, Unknown());
        // From here on it is the source itself that hears what is wrong.
        using var work = TelemetryTenant.Begin(source!.Tenant);
        if (await limits.LimitAsync(context, provider, source) is { } limited)
            return limited;
        if (signature.Time is { } sent && (time.GetUtcNow() - sent).Duration() > options.Value.Tolerance)
            return Problems.BadRequest($"The call's time is more than {options.Value.Tolerance.TotalMinutes:0.#} minutes from now.");
        var isNew = await intake.TakeAsync(source, provider, signature.ExternalId, body, cancellationToken);
        WebhookTelemetry.Count(provider, isNew ? "taken" : "repeated");
        return TypedResults.Ok(ReceivedResponse.Yes);
    }

    private static ValueTask<CallingSource?> FindAsync(
        KnownSources sources, string provider, string slug, CancellationToken cancellationToken) =>
        WebhookProviders.All.Contains(provider) && slug.Length <= MaxSlug && !slug.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? sources.FindAsync(provider, slug, cancellationToken)
            : ValueTask.FromResult<CallingSource?>(null);

    private static ProblemResult Unknown() => Problems.NotFound("webhook");

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
