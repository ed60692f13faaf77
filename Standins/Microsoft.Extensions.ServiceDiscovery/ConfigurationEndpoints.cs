using System.Collections.Concurrent;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace Microsoft.Extensions.ServiceDiscovery;

/// <summary>The endpoints of configuration section <c>Services</c>, read once a name and again when configuration changes.</summary>
internal sealed class ConfigurationEndpoints : IDisposable
{
    private readonly IConfigurationSection _services;
    private readonly ConcurrentDictionary<string, RoundRobin> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly IDisposable _reload;

    public ConfigurationEndpoints(IConfiguration configuration)
    {
        _services = configuration.GetSection("Services");
        _reload = ChangeToken.OnChange(configuration.GetReloadToken, _known.Clear);
    }

    /// <summary>The next of the service's endpoints; null when the service isn't configured for any of the schemes asked for.</summary>
    public Uri? Next(Uri address) =>
        _known.GetOrAdd(address.GetLeftPart(UriPartial.Authority), _ => new RoundRobin(Read(ServiceName.Parse(address)))).Next();

    public void Dispose() => _reload.Dispose();

    private Uri[] Read(ServiceName name)
    {
        var service = _services.GetSection(name.Service);

        // Services:{name}:{endpoint}:{i}; without an endpoint's name, the first preferred scheme that has endpoints.
        var sections = name.Endpoint is { } endpoint
            ? [service.GetSection(endpoint)]
            : name.Schemes.Select(scheme => service.GetSection(scheme)).Append(service.GetSection("default")).Append(service);

        foreach (var section in sections)
        {
            foreach (var scheme in name.Schemes)
            {
                var found = Values(section).Select(value => Parse(value, scheme)).OfType<Uri>().ToArray();
                if (found.Length > 0)
                    return found;
            }
        }

        return [];
    }

    private static IEnumerable<string> Values(IConfigurationSection section) =>
        section.Value is { Length: > 0 } single
            ? [single]
            : section.GetChildren()
                .Where(child => int.TryParse(child.Key, out _))
                .Select(child => child.Value)
                .OfType<string>()
                .Where(value => value.Length > 0);

    /// <summary>A value is <c>scheme://host:port</c> or <c>host:port</c>; a scheme that wasn't asked for is never used.</summary>
    private static Uri? Parse(string value, string scheme)
    {
        var text = value.Contains("://", StringComparison.Ordinal) ? value : $"{scheme}://{value}";
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase)
            ? uri
            : null;
    }

    private sealed class RoundRobin(Uri[] endpoints)
    {
        private uint _turn = uint.MaxValue;

        public Uri? Next() => endpoints.Length == 0 ? null : endpoints[Interlocked.Increment(ref _turn) % (uint)endpoints.Length];
    }
}
