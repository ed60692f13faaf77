using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Platform.Web.Tests.Sessions;

/// <summary>The framework's distributed cache in memory, with an outage on demand.</summary>
internal sealed class SwitchableCache : IDistributedCache
{
    private readonly MemoryDistributedCache _inner = new(Options.Create(new MemoryDistributedCacheOptions()));

    public bool IsAway { get; set; }

    private MemoryDistributedCache Inner => IsAway ? throw new IOException("The cache is away.") : _inner;

    public byte[]? Get(string key) => Inner.Get(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Inner.GetAsync(key, token);

    public void Refresh(string key) => Inner.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => Inner.RefreshAsync(key, token);

    public void Remove(string key) => Inner.Remove(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => Inner.RemoveAsync(key, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => Inner.Set(key, value, options);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Inner.SetAsync(key, value, options, token);
}
