using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Platform.Tenancy;
using Platform.Testing;
using Platform.Web.Backend;
using Platform.Web.Live;
using Platform.Web.Sessions;
using Platform.Web.Tests.Sessions;

namespace Platform.Web.Tests.Live;

[Trait("Req", "G4")]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "The test runner awaits DisposeAsync.")]
public sealed class LiveEventsTests : IAsyncLifetime
{
    private readonly ScriptedAuth _auth = new(TimeProvider.System);
    private readonly ConcurrentQueue<LiveEvent> _told = new();
    private EventStreamStub _stream = null!;
    private ServiceProvider _services = null!;
    private SessionTokens _tokens = null!;
    private SessionKey _key = null!;
    private LiveEvents _live = null!;

    public async Task InitializeAsync()
    {
        _stream = await EventStreamStub.StartAsync();
        var services = new ServiceCollection();
        services.AddHttpClient(BackendClients.Realtime, client => client.BaseAddress = _stream.Address);
        _services = services.BuildServiceProvider();

        _key = SessionKey.Create(new TenantId(Guid.CreateVersion7()));
        _tokens = new SessionTokens(
            new SwitchableCache(), new NoSessionLock(), new EphemeralDataProtectionProvider(), _auth, TimeProvider.System,
            Options.Create(new SessionOptions()), NullLogger<SessionTokens>.Instance);
        await _tokens.CreateAsync(_key, _auth.Issue(TimeSpan.FromMinutes(15)));
        _live = Circuit(idleTimeout: TimeSpan.FromMinutes(1));
        _live.Subscribe(_told.Enqueue);
    }

    public async Task DisposeAsync()
    {
        await _live.DisposeAsync();
        await _stream.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task Start_first_connection_asks_pages_to_read_again()
    {
        _live.Start();

        await Eventually.TrueAsync(() => _told.Any(happened => happened.Type == LiveEvent.Resync));
        Assert.Equal(LiveState.Live, _live.State);
        Assert.Equal(("Bearer access-1", null), Assert.Single(_stream.Requests));
    }

    [Fact]
    public async Task Event_reaches_the_listeners_and_the_recent_ones()
    {
        _live.Start();
        _stream.Send(7, "contact.created", """{"id":"0193d2c4-0000-7000-8000-000000000001","name":"Ada"}""");

        await Eventually.TrueAsync(() => _told.Any(happened => happened.Text("name") == "Ada"));
        Assert.Equal("contact.created", Assert.Single(_live.Recent).Type);
    }

    [Fact]
    public async Task Broken_connection_resumes_after_the_last_event_seen()
    {
        _live.Start();
        _stream.Send(41, "contact.updated", "{}");
        await Eventually.TrueAsync(() => _told.Any(happened => happened.Type == "contact.updated"));
        _stream.Break();

        await Eventually.TrueAsync(() => _stream.Requests.Count == 2);
        Assert.Equal("41", _stream.Requests.Last().LastEventId);
        _stream.Send(42, "contact.deleted", "{}");
        await Eventually.TrueAsync(() => _told.Any(happened => happened.Type == "contact.deleted"));
        Assert.Single(_told, happened => happened.Type == LiveEvent.Resync);
    }

    [Fact]
    public async Task Ended_connection_comes_back_without_showing_a_fault()
    {
        var states = new ConcurrentQueue<LiveState>();
        _live.StateChanged += () => states.Enqueue(_live.State);
        _live.Start();
        await Eventually.TrueAsync(() => _live.State == LiveState.Live);
        _stream.End();

        await Eventually.TrueAsync(() => _stream.Requests.Count == 2);
        Assert.DoesNotContain(LiveState.Reconnecting, states);
    }

    [Fact]
    public async Task Silent_connection_is_given_up()
    {
        await using var live = Circuit(idleTimeout: TimeSpan.FromMilliseconds(200));
        live.Start();

        await Eventually.TrueAsync(() => _stream.Requests.Count >= 2);
    }

    [Fact]
    public async Task Refused_token_is_refreshed_once_and_tried_again()
    {
        _stream.Refusals.Enqueue(401);
        _live.Start();

        await Eventually.TrueAsync(() => _live.State == LiveState.Live);
        Assert.Equal(["Bearer access-1", "Bearer access-2"], _stream.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task Unavailable_service_is_tried_until_it_is_back()
    {
        foreach (var _ in Enumerable.Range(0, 4)) _stream.Refusals.Enqueue(503);
        var states = new ConcurrentQueue<LiveState>();
        _live.StateChanged += () => states.Enqueue(_live.State);
        _live.Start();

        await Eventually.TrueAsync(() => _live.State == LiveState.Live);
        Assert.Equal([LiveState.Reconnecting, LiveState.Live], states);
    }

    [Fact]
    public async Task Ended_session_stops_the_attempts()
    {
        _stream.Refusals.Enqueue(401);
        await _auth.RefreshAsync("refresh-1", default); // Used up: the next refresh is refused.
        _live.Start();

        await Eventually.TrueAsync(() => _live.State == LiveState.Ended);
        Assert.Single(_stream.Requests);
    }

    [Fact]
    public async Task Failing_listener_doesnt_end_the_stream()
    {
        _live.Subscribe(_ => throw new InvalidOperationException("A page's fault."));
        _live.Start();
        _stream.Send(1, "contact.created", "{}");
        _stream.Send(2, "contact.deleted", "{}");

        await Eventually.TrueAsync(() => _told.Any(happened => happened.Type == "contact.deleted"));
        Assert.Single(_stream.Requests);
    }

    [Fact]
    public async Task Disposed_subscription_hears_nothing_more()
    {
        var heard = 0;
        var subscription = _live.Subscribe(happened =>
        {
            if (happened.Type != LiveEvent.Resync) heard++;
        });
        _live.Start();
        _stream.Send(1, "contact.created", "{}");
        await Eventually.TrueAsync(() => heard == 1);
        subscription.Dispose();
        _stream.Send(2, "contact.deleted", "{}");

        await Eventually.TrueAsync(() => _told.Any(happened => happened.Type == "contact.deleted"));
        Assert.Equal(1, heard);
    }

    private LiveEvents Circuit(TimeSpan idleTimeout) => new(
        _services.GetRequiredService<IHttpClientFactory>(), new CurrentUser(new SignedIn(_key)), _tokens, TimeProvider.System,
        Options.Create(new LiveOptions { FirstDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(50), IdleTimeout = idleTimeout }),
        NullLogger<LiveEvents>.Instance);

    private sealed class SignedIn(SessionKey key) : AuthenticationStateProvider
    {
        public override Task<AuthenticationState> GetAuthenticationStateAsync()
        {
            var identity = new ClaimsIdentity(
                [new Claim(SessionKey.ClaimType, key.Id), new Claim(PlatformClaims.TenantId, key.Tenant.ToString())], "test");
            return Task.FromResult(new AuthenticationState(new ClaimsPrincipal(identity)));
        }
    }
}
