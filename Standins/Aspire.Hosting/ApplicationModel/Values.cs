namespace Aspire.Hosting.ApplicationModel;

/// <summary>Has a value that may be known only once the application runs.</summary>
public interface IValueProvider
{
    /// <summary>The value as seen from the host; completes when it is known.</summary>
    ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default);

    /// <summary>The value as seen by a caller, which may live on another network.</summary>
    ValueTask<string?> GetValueAsync(ValueProviderContext context, CancellationToken cancellationToken = default) =>
        GetValueAsync(cancellationToken);
}

/// <summary>Has an expression that stands for its value in a manifest.</summary>
public interface IManifestExpressionProvider
{
    /// <summary>For instance <c>{redis.connectionString}</c>.</summary>
    string ValueExpression { get; }
}

/// <summary>A value at run time, an expression when published.</summary>
public interface IExpressionValue : IValueProvider, IManifestExpressionProvider;

/// <summary>Is made of other values or resources.</summary>
public interface IValueWithReferences
{
    /// <summary>What it is made of, one level deep.</summary>
    IEnumerable<object> References { get; }
}

/// <summary>Who asks for a value.</summary>
public class ValueProviderContext
{
    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext? ExecutionContext { get; init; }

    /// <summary>The resource the value is for.</summary>
    public IResource? Caller { get; init; }

    /// <summary>The network to see addresses from; the caller's own when null.</summary>
    public NetworkIdentifier? Network { get; init; }

    internal NetworkIdentifier EffectiveNetwork =>
        Network ?? Caller?.GetDefaultNetwork() ?? KnownNetworkIdentifiers.LocalhostNetwork;
}

/// <summary>A network addresses are valid on.</summary>
public sealed record NetworkIdentifier(string Value);

/// <summary>The networks every application has.</summary>
public static class KnownNetworkIdentifiers
{
    /// <summary>The host's own.</summary>
    public static readonly NetworkIdentifier LocalhostNetwork = new("localhost");

    /// <summary>The one all containers share.</summary>
    public static readonly NetworkIdentifier DefaultAspireContainerNetwork = new("aspire-container-network");
}
