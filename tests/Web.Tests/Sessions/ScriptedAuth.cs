using System.Collections.Concurrent;
using Platform.Web.Backend;
using Platform.Web.Sessions;

namespace Platform.Web.Tests.Sessions;

/// <summary>Token rotation as the API does it, in memory: a refresh token works once; outages on demand.</summary>
internal sealed class ScriptedAuth(TimeProvider clock) : IAuthBackend
{
    private readonly ConcurrentDictionary<string, bool> _usable = new();
    private int _issued;
    private int _refreshes;

    public bool IsAway { get; set; }

    public int Refreshes => _refreshes;

    /// <summary>Awaited inside a refresh, to hold it while others come.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<string> Revoked { get; } = new();

    public TokenPair Issue(TimeSpan lifetime)
    {
        var number = Interlocked.Increment(ref _issued);
        _usable[$"refresh-{number}"] = true;
        return new TokenPair($"access-{number}", $"refresh-{number}", clock.GetUtcNow() + lifetime);
    }

    public async Task<(RefreshOutcome Outcome, TokenPair? Pair)> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _refreshes);
        await Gate;
        if (IsAway) return (RefreshOutcome.Unavailable, null);
        return _usable.TryRemove(refreshToken, out _) ? (RefreshOutcome.Refreshed, Issue(TimeSpan.FromMinutes(15))) : (RefreshOutcome.Refused, null);
    }

    public Task LogoutAsync(TokenPair pair, CancellationToken cancellationToken)
    {
        Revoked.Enqueue(pair.RefreshToken);
        return Task.CompletedTask;
    }

    public Task<ApiResult<TokenPair>> LoginAsync(string email, string password, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ApiResult<AccountView>> GetAccountAsync(string accessToken, CancellationToken cancellationToken) => throw new NotSupportedException();
}
