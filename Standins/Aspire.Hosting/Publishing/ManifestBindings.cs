using System.Net.Sockets;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the endpoints of resources and decides the ports they leave open.</summary>
internal sealed class ManifestBindings
{
    /// <summary>Where ports are numbered from that nobody chose; one sequence for the whole manifest.</summary>
    private int _nextPort = 8000;

    public void Write(Utf8JsonWriter writer, IResource resource)
    {
        if (!resource.TryGetEndpoints(out var endpoints)) return;
        var httpSchemes = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        writer.WriteStartObject("bindings");
        foreach (var endpoint in endpoints)
        {
            var target = TargetPort(resource, endpoint, httpSchemes);
            writer.WriteStartObject(endpoint.Name);
            writer.WriteString("scheme", endpoint.UriScheme);
            writer.WriteString("protocol", endpoint.Protocol == ProtocolType.Udp ? "udp" : "tcp");
            writer.WriteString("transport", endpoint.Transport);
            if (endpoint.Port is { } port && port != target) writer.WriteNumber("port", port);
            if (target is { } targetPort) writer.WriteNumber("targetPort", targetPort);
            if (endpoint.IsExternal) writer.WriteBoolean("external", true);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private int? TargetPort(IResource resource, EndpointAnnotation endpoint, HashSet<string> httpSchemes)
    {
        if (endpoint.TargetPort is { } chosen) return chosen;
        if (resource is ContainerResource && endpoint.Port is { } port) return port;
        // A project listens on the port its image will have: known to the deploying tool, for one endpoint a scheme.
        if (resource is ProjectResource && endpoint.UriScheme is "http" or "https" && httpSchemes.Add(endpoint.UriScheme)) return null;
        return _nextPort++;
    }
}
