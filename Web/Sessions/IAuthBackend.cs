using Platform.Web.Backend;

namespace Platform.Web.Sessions;

/// <summary>The API's part in signing in and staying so.</summary>
internal interface IAuthBackend
{
    Task<ApiResult<TokenPair>> LoginAsync(string email, string password, CancellationToken cancellationToken);

    Task<ApiResult<AccountView>> GetAccountAsync(string accessToken, CancellationToken cancellationToken);

    Task<(RefreshOutcome Outcome, TokenPair? Pair)> RefreshAsync(string refreshToken, CancellationToken cancellationToken);

    /// <summary>Revokes the refresh token; a failure is only logged, since the session is gone here all the same.</summary>
    Task LogoutAsync(TokenPair pair, CancellationToken cancellationToken);
}
