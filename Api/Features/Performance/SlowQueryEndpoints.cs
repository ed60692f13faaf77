using System.ComponentModel;
using System.Security.Claims;
using Platform.Api.Features.Auth;
using Platform.Api.Http;

namespace Platform.Api.Features.Performance;

internal static class SlowQueryEndpoints
{
    private const int Default = 20;

    public static void MapSlowQueries(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/admin/slow-queries", ListAsync).RequireOperator()
            .WithTags("Performance")
            .WithSummary("What the database spends its time on")
            .WithDescription(
                "For operators. Statements of the common database by the time they took in all, since its statistics were last reset; " +
                "times are milliseconds. The text has placeholders for constants and is cut at 2,000 characters. `available` is false where the " +
                "database doesn't count statements. Each call is recorded in the operators' audit.")
            .Produces<SlowQueries>().ProducesProblem(400).ProducesProblem(403);
    }

    private static async Task<IResult> ListAsync(
        [Description("How many, 1 to 50. Default 20.")] int? limit,
        HttpContext context, ClaimsPrincipal user, SlowQueryStore store, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > SlowQueryStore.Most)
            return Problems.BadRequest($"'limit' must be 1 to {SlowQueryStore.Most}.");
        var queries = await store.ListAsync(user.UserId(), limit ?? Default, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(queries);
    }
}
