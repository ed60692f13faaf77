using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Platform.Statistics;

/// <summary>Which route a request counts for.</summary>
internal sealed class RequestRecorder
{
    /// <summary>More than a service has; beyond it, routes share one record.</summary>
    private const int MostRoutes = 500;

    private readonly ConcurrentDictionary<Endpoint, RouteRecorder> _byEndpoint = new();
    private readonly ConcurrentDictionary<(string Method, string Route), RouteRecorder> _routes = new();
    private readonly RouteRecorder _nowhere;

    public RequestRecorder() => _nowhere = Route("*", "(none)");

    public IEnumerable<RouteRecorder> Routes => _routes.Select(route => route.Value);

    public RouteRecorder For(Endpoint? endpoint)
    {
        if (endpoint is null)
            return _nowhere;
        return _byEndpoint.TryGetValue(endpoint, out var known) ? known : Add(endpoint);
    }

    private RouteRecorder Add(Endpoint endpoint)
    {
        // Wrong method, wrong content type: endpoints the framework makes up, without a route.
        if (endpoint is not RouteEndpoint { RoutePattern.RawText: { } text })
            return _nowhere;
        var methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods;
        var recorder = Route(methods is { Count: > 0 } ? string.Join(',', methods) : "*", "/" + text.Trim('/'));
        if (_byEndpoint.Count < MostRoutes)
            _byEndpoint[endpoint] = recorder;
        return recorder;
    }

    private RouteRecorder Route(string method, string route) => _routes.Count < MostRoutes
        ? _routes.GetOrAdd((method, route), static key => new RouteRecorder(key.Method, key.Route))
        : _routes.GetValueOrDefault((method, route)) ?? _nowhere;
}
