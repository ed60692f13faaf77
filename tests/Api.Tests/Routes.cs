using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Platform.Api.Tests;

/// <summary>The routes the running API has.</summary>
internal static class Routes
{
    public static IEnumerable<RouteEndpoint> Endpoints(ApiFixture api) =>
        api.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(route => Methods(route).Count > 0);

    public static IEnumerable<(HttpMethod Method, string Pattern, string Name)> All(ApiFixture api) => Endpoints(api)
        .SelectMany(route => Methods(route).Select(method => (HttpMethod.Parse(method), Pattern(route), $"{method} {Pattern(route)}")));

    public static IReadOnlyList<string> Methods(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? [];

    public static string Pattern(RouteEndpoint route) => "/" + route.RoutePattern.RawText!.Trim('/');

    public static string Fill(string pattern, Guid id) => pattern
        .Replace("{id:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{messageId:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{deliveryId:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{provider}", "generic", StringComparison.Ordinal)
        .Replace("{slug}", "nobodys-slug", StringComparison.Ordinal)
        .Replace("{hash}", id.ToString("N") + id.ToString("N"), StringComparison.Ordinal)
        .Replace("{userId:guid}", id.ToString(), StringComparison.Ordinal)
        .Replace("{documentName}", "v1", StringComparison.Ordinal);
}
