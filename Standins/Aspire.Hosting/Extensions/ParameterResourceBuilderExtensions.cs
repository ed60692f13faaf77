using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Parameters;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adding parameters and configured connection strings.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>A parameter that has to be configured as <c>Parameters:name</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.Add(name, $"Parameters:{name}", null, secret);

    /// <summary>A parameter with a value, which configuration may override.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false) =>
        builder.AddParameter(name, () => value, publishValueAsDefault, secret);

    /// <summary>A parameter with a value that is computed when needed, which configuration may override.</summary>
    /// <exception cref="ArgumentException">A secret may not be published as a default.</exception>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter,
        bool publishValueAsDefault = false, bool secret = false)
    {
        if (publishValueAsDefault && secret)
            throw new ArgumentException("The value of a secret parameter cannot be published as its default.", nameof(secret));
        return builder.Add(
            name, $"Parameters:{name}",
            builder.ExecutionContext.IsRunMode || publishValueAsDefault ? new ConstantParameterDefault(valueGetter) : null, secret);
    }

    /// <summary>
    /// A parameter with a default, such as a generated password; <paramref name="persist"/> remembers it in the user secrets.
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false) =>
        builder.Add(name, $"Parameters:{name}", persist ? builder.Persist(name, value) : value, secret);

    /// <summary>A connection string that has to be configured as <c>ConnectionStrings:name</c>.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null) =>
        builder.AddResource(new ConnectionStringParameterResource(
            name, _ => builder.Configuration.GetConnectionString(name)
                ?? throw Missing(name, $"ConnectionStrings:{name}"), environmentVariableName)
        {
            IsConnectionString = true,
        });

    /// <summary>A generated password, remembered in the user secrets when running. Not added to the application as a resource.</summary>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder, string name, bool lower = true, bool upper = true, bool numeric = true, bool special = true,
        int minLower = 0, int minUpper = 0, int minNumeric = 0, int minSpecial = 0)
    {
        var generated = new GenerateParameterDefault
        {
            MinLength = 22,
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        };
        return Create(builder, name, $"Parameters:{name}", builder.Persist(name, generated), secret: true);
    }

    private static ParameterDefault Persist(this IDistributedApplicationBuilder builder, string name, ParameterDefault value) =>
        builder is { ExecutionContext.IsRunMode: true } and DistributedApplicationBuilder { UserSecrets: { } secrets }
            ? new UserSecretsParameterDefault(secrets, $"Parameters:{name}", value)
            : value;

    private static IResourceBuilder<ParameterResource> Add(
        this IDistributedApplicationBuilder builder, string name, string key, ParameterDefault? value, bool secret) =>
        builder.AddResource(Create(builder, name, key, value, secret));

    private static ParameterResource Create(
        IDistributedApplicationBuilder builder, string name, string key, ParameterDefault? value, bool secret) =>
        new(name,
            fallback => builder.Configuration[key]
                ?? builder.Configuration[key.Replace('-', '_')] // An environment variable can't have a hyphen in its name.
                ?? fallback?.GetDefaultValue()
                ?? throw Missing(name, key),
            secret)
        {
            Default = value,
        };

    private static MissingParameterValueException Missing(string name, string key) =>
        new($"The parameter '{name}' has no value: set the configuration '{key}' (environment variable "
            + $"'{key.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_')}').");
}

/// <summary>Adding connection strings made of other values.</summary>
public static class ConnectionStringBuilderExtensions
{
    /// <summary>A connection string put together from other values.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, ReferenceExpression connectionStringExpression) =>
        builder.AddResource(new ConnectionStringResource(name, connectionStringExpression));

    /// <summary>A connection string put together from other values.</summary>
    public static IResourceBuilder<ConnectionStringResource> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, Action<ReferenceExpressionBuilder> connectionStringBuilder)
    {
        var expression = new ReferenceExpressionBuilder();
        connectionStringBuilder(expression);
        return builder.AddConnectionString(name, expression.Build());
    }
}
