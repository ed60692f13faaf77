namespace Platform.Caching;

/// <summary>Fills entries a tenant will ask for, in a scope with that tenant set.</summary>
/// <param name="Name">For the log.</param>
/// <param name="WarmAsync">Asks for the entries as a request would.</param>
public sealed record CacheWarmer(string Name, Func<IServiceProvider, CancellationToken, Task> WarmAsync);
