using Microsoft.AspNetCore.Routing;

namespace Platform.Api.Http;

internal static class CachedAnswerExtensions
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>Goes before authentication; see <see cref="RecentAnswers"/>.</summary>
    public static IApplicationBuilder UseRecentAnswers(this IApplicationBuilder app) => app.UseMiddleware<RecentAnswers>();

    /// <summary>
    /// Says that a GET is answered by <see cref="CachedAnswers"/>: to the router (HEAD as well), to the document, and to
    /// <see cref="RecentAnswers"/>. What it answers depends on the caller, the address and what the entry's tags stand for, on nothing else.
    /// </summary>
    public static RouteHandlerBuilder Cached(this RouteHandlerBuilder builder) =>
        builder.WithMetadata(new HttpMethodMetadata(Methods), CachedEndpoint.Instance).Produces(StatusCodes.Status304NotModified);
}
