using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Hands a connection string over as <c>ConnectionStrings__name</c>, and its parts as <c>NAME_HOST</c>, <c>NAME_PORT</c>… <paramref
    /// name="connectionName"/>
    /// replaces the resource's name; when <paramref name="optional"/> it may be missing.
    /// </summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithConnectionString> source, string? connectionName = null,
        bool optional = false) where TDestination : IResourceWithEnvironment
    {
        var resource = source.Resource;
        var name = connectionName ?? resource.Name;
        return builder.RelateTo(resource).WithEnvironment(context =>
        {
            context.EnvironmentVariables[resource.ConnectionStringEnvironmentVariable ?? $"ConnectionStrings__{name}"] =
                new ConnectionStringReference(resource, optional);

            foreach (var (property, value) in resource.GetConnectionProperties())
                context.EnvironmentVariables[$"{VariableName(name)}_{VariableName(property)}"] = value;
        });
    }

    /// <summary>Hands all endpoints over for service discovery.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source)
        where TDestination : IResourceWithEnvironment => builder.AddServiceReference(source.Resource, null, null);

    /// <summary>Hands all endpoints over for service discovery, under a name of one's own.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceBuilder<IResourceWithServiceDiscovery> source, string name)
        where TDestination : IResourceWithEnvironment => builder.AddServiceReference(source.Resource, null, name);

    /// <summary>Hands one endpoint over for service discovery.</summary>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(
        this IResourceBuilder<TDestination> builder, EndpointReference endpointReference) where TDestination : IResourceWithEnvironment =>
        builder.AddServiceReference(endpointReference.Resource, endpointReference, null);

    private static IResourceBuilder<TDestination> AddServiceReference<TDestination>(
        this IResourceBuilder<TDestination> builder, IResourceWithEndpoints source, EndpointReference? only, string? name)
        where TDestination : IResourceWithEnvironment => builder.RelateTo(source).WithEnvironment(context =>
        {
            var variables = context.EnvironmentVariables;
            foreach (var endpoint in only is null ? source.GetEndpoints().Where(e => !e.ExcludeReferenceEndpoint) : [only])
            {
                var key = endpoint.EndpointName is "http" or "https" ? endpoint.Scheme : endpoint.EndpointName;
                var prefix = $"services__{name ?? source.Name}__{key}__";
                var index = 0;
                while (variables.TryGetValue($"{prefix}{index}", out var taken) && !IsSame(taken, endpoint))
                    index++;
                variables[$"{prefix}{index}"] = endpoint;
                variables[$"{name ?? VariableName(source.Name)}_{VariableName(endpoint.EndpointName)}"] = endpoint;
            }
        });

    private static bool IsSame(object value, EndpointReference endpoint) =>
        value is EndpointReference other && other.Resource == endpoint.Resource && other.EndpointName == endpoint.EndpointName;

    /// <summary>Upper case, only what shells take in a variable's name.</summary>
    private static string VariableName(string name)
    {
        var safe = NotInVariableNames().Replace(name, "_").ToUpperInvariant();
        return char.IsAsciiDigit(safe[0]) ? "_" + safe : safe;
    }

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotInVariableNames();
}
