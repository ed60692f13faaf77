using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Platform.Statistics.Tests;

internal static class Endpoints
{
    private static readonly ConcurrentDictionary<string, Endpoint> Known = new();

    public static Endpoint Get(string route) => Known.GetOrAdd(route, static text => new RouteEndpoint(
        _ => Task.CompletedTask, RoutePatternFactory.Parse(text), 0, new EndpointMetadataCollection(new HttpMethodMetadata(["GET"])), text));
}
