namespace Aspire.Hosting.Bundle;

internal interface IAspireBundleLocator
{
    /// <summary>
    /// Finds DCP and the dashboard, fetching them once for the user if the machine has none. Called as early as possible:
    /// the work starts with the first call, and later calls share it.
    /// </summary>
    /// <exception cref="DistributedApplicationException">Nothing usable is configured or installed, and fetching failed.</exception>
    Task<AspireBundle> LocateAsync(CancellationToken cancellationToken);
}
