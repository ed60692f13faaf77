using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;

namespace Platform.Web.Sessions;

/// <summary>A circuit's user; the circuit turns anonymous when its session ends, also by signing out in another tab.</summary>
internal sealed class SessionStateProvider : ServerAuthenticationStateProvider, IDisposable
{
    private readonly SessionTokens _tokens;

    public SessionStateProvider(SessionTokens tokens)
    {
        _tokens = tokens;
        _tokens.Ended += OnEnded;
    }

    public void Dispose() => _tokens.Ended -= OnEnded;

    private void OnEnded(SessionKey ended)
    {
        // Known by then: a session can't end before the circuit that uses it was given its user.
        if (!TryGetState(out var state) || SessionKey.Of(state.User) != ended) return;
        SetAuthenticationState(Task.FromResult(new AuthenticationState(new System.Security.Claims.ClaimsPrincipal(new System.Security.Claims.ClaimsIdentity()))));
    }

    private bool TryGetState([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out AuthenticationState? state)
    {
        state = null;
        try
        {
            var task = GetAuthenticationStateAsync();
            if (task.IsCompletedSuccessfully) state = task.Result;
        }
        catch (InvalidOperationException)
        {
            // This scope never had a user.
        }
        return state is not null;
    }
}
