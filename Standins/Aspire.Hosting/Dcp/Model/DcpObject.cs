using System.Text.Json.Serialization;

namespace Aspire.Hosting.Dcp.Model;

/// <summary>An object of the orchestrator's Kubernetes-like API.</summary>
internal sealed class DcpObject<TSpec, TStatus>
    where TSpec : class where TStatus : class
{
    public string ApiVersion { get; set; } = DcpClient.ApiVersion;

    public required string Kind { get; set; }

    public required DcpMetadata Metadata { get; set; }

    public TSpec? Spec { get; set; }

    public TStatus? Status { get; set; }

    [JsonIgnore]
    public string Name => Metadata.Name;
}

internal sealed class DcpMetadata
{
    public required string Name { get; set; }

    public string? Uid { get; set; }

    public DateTime? CreationTimestamp { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }
}

internal sealed record DcpWatchEvent<T>(string Type, T Object);

internal sealed record DcpNameValue(string Name, string? Value);

/// <summary>Annotations the orchestrator or its tools read.</summary>
internal static class DcpAnnotations
{
    public const string ResourceName = "resource-name";
    public const string EndpointName = "endpoint-name";
    public const string OtelServiceName = "otel-service-name";
    public const string OtelInstanceId = "otel-service-instance-id";
    public const string ServiceProducer = "service-producer";
    public const string ReplicaCount = "resource-replica-count";
    public const string ReplicaIndex = "resource-replica-index";
}

/// <summary>Tells the orchestrator that a program serves a service; it picks the port when there is none.</summary>
internal sealed record ServiceProducer(string ServiceName, string Address, int? Port);
