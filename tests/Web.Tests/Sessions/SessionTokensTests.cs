using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Web.Sessions;
using StackExchange.Redis;

namespace Platform.Web.Tests.Sessions;

[Trait("Req", "H1")]
public sealed class SessionTokensTests
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(20);

    private readonly ScriptedAuth _auth = new(TimeProvider.System);
    private readonly SwitchableCache _cache = new();
    private readonly EphemeralDataProtectionProvider _protection = new();
    private readonly SessionKey _key = SessionKey.Create(new TenantId(Guid.CreateVersion7()));

    [Fact]
    public async Task GetAccessToken_fresh_token_is_used_as_it_is()
    {
        var replica = await SignedInAsync(Fresh);

        Assert.Equal("access-1", await replica.GetAccessTokenAsync(_key, null, default));
        Assert.Equal(0, _auth.Refreshes);
    }

    [Fact]
    public async Task GetAccessToken_many_callers_share_one_refresh()
    {
        var replica = await SignedInAsync(Stale);
        var gate = new TaskCompletionSource();
        _auth.Gate = gate.Task;

        var callers = Enumerable.Range(0, 20).Select(_ => replica.GetAccessTokenAsync(_key, null, default)).ToArray();
        gate.SetResult();

        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("access-2", token));
        Assert.Equal(1, _auth.Refreshes);
    }

    [Fact]
    public async Task GetAccessToken_refused_token_is_replaced_before_its_time()
    {
        var replica = await SignedInAsync(Fresh);

        Assert.Equal("access-2", await replica.GetAccessTokenAsync(_key, refused: "access-1", default));
    }

    [Fact]
    public async Task GetAccessToken_after_restart_comes_from_the_cache()
    {
        await SignedInAsync(Fresh);

        Assert.Equal("access-1", await Replica().GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task GetAccessToken_other_replicas_refresh_is_taken_over()
    {
        var one = await SignedInAsync(Stale);
        var other = Replica();
        Assert.Equal("access-2", await other.GetAccessTokenAsync(_key, null, default));

        Assert.Equal("access-2", await one.GetAccessTokenAsync(_key, null, default));
        Assert.Equal(1, _auth.Refreshes);
    }

    [Fact]
    public async Task GetAccessToken_replicas_at_the_same_time_use_the_refresh_token_once()
    {
        var garnet = await GarnetServer.GetAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(garnet.ConnectionString);
        RedisSessionLock NewLock() => new(redis, TimeProvider.System, NullLogger<RedisSessionLock>.Instance);
        var one = await SignedInAsync(Stale, NewLock());
        var other = Replica(NewLock());
        var gate = new TaskCompletionSource();
        _auth.Gate = gate.Task;
        var ended = 0;
        one.Ended += _ => ended++;
        other.Ended += _ => ended++;

        var both = new[] { one.GetAccessTokenAsync(_key, null, default), other.GetAccessTokenAsync(_key, null, default) };
        gate.SetResult();

        Assert.All(await Task.WhenAll(both), token => Assert.Equal("access-2", token));
        Assert.Equal((1, 0), (_auth.Refreshes, ended));
    }

    [Fact]
    public async Task GetAccessToken_refusal_ends_the_session_everywhere()
    {
        var replica = await SignedInAsync(Stale);
        SessionKey? ended = null;
        replica.Ended += key => ended = key;
        await _auth.RefreshAsync("refresh-1", default); // Used up by somebody else.

        Assert.Null(await replica.GetAccessTokenAsync(_key, null, default));
        Assert.Equal(_key, ended);
        Assert.Null(await Replica().GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task GetAccessToken_api_away_lets_a_valid_token_go_on()
    {
        var replica = await SignedInAsync(Stale);
        _auth.IsAway = true;

        Assert.Equal("access-1", await replica.GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task GetAccessToken_api_away_and_token_expired_is_no_end_of_session()
    {
        var replica = await SignedInAsync(-Stale);
        _auth.IsAway = true;

        await Assert.ThrowsAsync<SessionsUnavailableException>(() => replica.GetAccessTokenAsync(_key, null, default));
        Assert.True(await replica.ExistsAsync(_key, default));
        _auth.IsAway = false;
        Assert.Equal("access-2", await replica.GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task GetAccessToken_cache_away_is_served_from_memory()
    {
        var replica = await SignedInAsync(Stale);
        _cache.IsAway = true;

        Assert.Equal("access-2", await replica.GetAccessTokenAsync(_key, null, default));
        await Assert.ThrowsAsync<SessionsUnavailableException>(() => Replica().GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task Remove_ends_the_session_and_revokes_its_token()
    {
        var replica = await SignedInAsync(Fresh);
        SessionKey? ended = null;
        replica.Ended += key => ended = key;

        await replica.RemoveAsync(_key, default);

        Assert.Equal(_key, ended);
        Assert.Equal("refresh-1", Assert.Single(_auth.Revoked));
        Assert.False(await replica.ExistsAsync(_key, default));
    }

    [Fact]
    public async Task Trim_forgets_only_this_process_copy()
    {
        var replica = await SignedInAsync(Fresh);

        replica.Trim(TimeSpan.FromMinutes(-1));

        Assert.Equal("access-1", await replica.GetAccessTokenAsync(_key, null, default));
    }

    [Fact]
    public async Task Create_tokens_lie_encrypted_under_the_tenants_prefix()
    {
        await SignedInAsync(Fresh);

        Assert.StartsWith($"t:{{{_key.Tenant}}}:session:", _key.CacheKey, StringComparison.Ordinal);
        var stored = await _cache.GetAsync(_key.CacheKey);
        Assert.NotNull(stored);
        Assert.DoesNotContain("refresh-1", Encoding.Latin1.GetString(stored), StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_of_a_key_hides_its_id() => Assert.DoesNotContain(_key.Id, _key.ToString(), StringComparison.Ordinal);

    [Fact]
    public async Task GetAccessToken_refresh_goes_on_when_its_caller_leaves()
    {
        var replica = await SignedInAsync(Stale);
        var gate = new TaskCompletionSource();
        _auth.Gate = gate.Task;
        using var leaving = new CancellationTokenSource();

        var caller = replica.GetAccessTokenAsync(_key, null, leaving.Token);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller);
        gate.SetResult();

        Assert.Equal("access-2", await replica.GetAccessTokenAsync(_key, null, default));
        Assert.Equal(1, _auth.Refreshes);
    }

    private async Task<SessionTokens> SignedInAsync(TimeSpan lifetime, ISessionLock? sessionLock = null)
    {
        var replica = Replica(sessionLock);
        await replica.CreateAsync(_key, _auth.Issue(lifetime));
        return replica;
    }

    /// <summary>Another process with the same cache and keys.</summary>
    private SessionTokens Replica(ISessionLock? sessionLock = null) => new(
        _cache, sessionLock ?? new NoSessionLock(), _protection, _auth, TimeProvider.System, Options.Create(new SessionOptions()), NullLogger<SessionTokens>.Instance);
}
