using Microsoft.AspNetCore.Routing;
using Platform.Caching;

namespace Platform.Api.Http;

internal static class CachedAnswerExtensions
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The tenant cache, and answers out of it.</summary>
    public static void AddCachedAnswers(this WebApplicationBuilder builder)
    {
        builder.AddTenantCache();
        builder.Services.AddSingleton<CachedAnswers>();
    }

    /// <summary>Says that a GET is answered by <see cref="CachedAnswers"/>: to the router (HEAD as well) and to the document.</summary>
    public static RouteHandlerBuilder Cached(this RouteHandlerBuilder builder) =>
        builder.WithMetadata(new HttpMethodMetadata(Methods)).Produces(StatusCodes.Status304NotModified);
}
