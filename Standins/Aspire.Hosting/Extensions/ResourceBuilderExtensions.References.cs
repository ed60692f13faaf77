using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

public static partial class ResourceBuilderExtensions
{
    /// <summary>
    /// Hands a connection string over as <c>ConnectionStrings__name</c>, and its parts as <c>NAME_HOST</c>, <c>NAME_PORT</c>… <paramref name="connectionName"/>
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

            var properties = resource.GetConnectionProperties()
                .Concat(resource.Annotations.OfType<ConnectionPropertyAnnotation>().Select(p => KeyValuePair.Create(p.Name, p.Value)));
            foreach (var (property, value) in properties)
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

    /// <summary>Hands a fixed address over for service discovery.</summary>
    /// <exception cref="InvalidOperationException">The address is relative or has a path.</exception>
    public static IResourceBuilder<TDestination> WithReference<TDestination>(this IResourceBuilder<TDestination> builder, string name, Uri uri)
        where TDestination : IResourceWithEnvironment
    {
        if (!uri.IsAbsoluteUri || uri.AbsolutePath != "/")
            throw new InvalidOperationException("The address of a service must be absolute and without a path.");
        return builder.WithEnvironment($"services__{name}__default__0", uri.ToString()).WithEnvironment(VariableName(name), uri.ToString());
    }

    /// <summary>Adds to, or replaces, the parts of a connection string that are handed over one by one.</summary>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, ReferenceExpression value)
        where T : IResourceWithConnectionString => builder.WithAnnotation(new ConnectionPropertyAnnotation(name, value));

    /// <summary>Adds to, or replaces, the parts of a connection string that are handed over one by one.</summary>
    public static IResourceBuilder<T> WithConnectionProperty<T>(this IResourceBuilder<T> builder, string name, string value)
        where T : IResourceWithConnectionString => builder.WithConnectionProperty(name, ReferenceExpression.Create($"{value}"));

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
