using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Platform.Caching;

namespace Platform.Api.Http;

/// <summary>Where the answers lie that one caller got of late, by address. Few: it is for what is asked again and again.</summary>
internal sealed class CallersAnswers
{
    private const int Most = 32;

    private readonly ConcurrentDictionary<(string Path, string Query), (Endpoint Endpoint, LocalPlace Place)> _places = new();

    public bool TryFind(HttpRequest request, Endpoint endpoint, [NotNullWhen(true)] out LocalPlace? place)
    {
        place = _places.TryGetValue(Address(request), out var found) && ReferenceEquals(found.Endpoint, endpoint) ? found.Place : null;
        return place is not null;
    }

    public void Remember(HttpRequest request, Endpoint endpoint, LocalPlace place)
    {
        var address = Address(request);
        if (_places.TryGetValue(address, out var known) && ReferenceEquals(known.Place, place))
            return;
        if (_places.Count >= Most)
            _places.Clear();
        _places[address] = (endpoint, place);
    }

    private static (string Path, string Query) Address(HttpRequest request) => (request.Path.Value ?? "", request.QueryString.Value ?? "");
}
