using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Web.Backend;

namespace Platform.Web.Sessions;

internal sealed partial class AuthBackend(IHttpClientFactory clients, TimeProvider clock, ILogger<AuthBackend> logger) : IAuthBackend
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    public Task<ApiResult<TokenPair>> LoginAsync(string email, string password, CancellationToken cancellationToken) =>
        SendAsync<TokenPair>("login", HttpMethod.Post, "/api/auth/login", new { email, password }, null, cancellationToken);

    public Task<ApiResult<AccountView>> GetAccountAsync(string accessToken, CancellationToken cancellationToken) =>
        SendAsync<AccountView>("me", HttpMethod.Get, "/api/auth/me", null, accessToken, cancellationToken);

    public async Task<(RefreshOutcome Outcome, TokenPair? Pair)> RefreshAsync(string refreshToken, CancellationToken cancellationToken)
    {
        var result = await SendAsync<TokenPair>("refresh", HttpMethod.Post, "/api/auth/refresh", new { refreshToken }, null, cancellationToken);
        if (result.Succeeded) return (RefreshOutcome.Refreshed, result.Value);
        var refused = result.Problem.Failure is ApiFailure.SignedOut or ApiFailure.Invalid or ApiFailure.Forbidden or ApiFailure.NotFound;
        return (refused ? RefreshOutcome.Refused : RefreshOutcome.Unavailable, null);
    }

    public async Task LogoutAsync(TokenPair pair, CancellationToken cancellationToken)
    {
        var result = await SendAsync<Nothing>(
            "logout", HttpMethod.Post, "/api/auth/logout", new { refreshToken = pair.RefreshToken }, pair.AccessToken, cancellationToken);
        if (!result.Succeeded) LogNotRevoked(result.Problem.Failure);
    }

    private async Task<ApiResult<T>> SendAsync<T>(
        string action, HttpMethod method, string url, object? body, string? accessToken, CancellationToken cancellationToken)
    {
        using var activity = WebTelemetry.Source.StartActivity($"auth.{action}");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            using var request = new HttpRequestMessage(method, url);
            if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
            if (accessToken is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
            using var response = await clients.CreateClient(BackendClients.Api).SendAsync(request, deadline.Token);
            if (!response.IsSuccessStatusCode) return await ProblemReader.ReadAsync(response, clock, deadline.Token);
            if (typeof(T) == typeof(Nothing)) return new ApiResult<T>((T)(object)Nothing.Value, null);
            return new ApiResult<T>(await response.Content.ReadFromJsonAsync<T>(deadline.Token), null);
        }
        catch (Exception e) when ((ApiClient.IsOutage(e) || e is JsonException) && !cancellationToken.IsCancellationRequested)
        {
            LogUnreachable(action, e);
            return ProblemReader.Parse(HttpStatusCode.ServiceUnavailable, null, null);
        }
    }

    [LoggerMessage(5012, LogLevel.Warning, "The API could not be reached for {Action}")]
    private partial void LogUnreachable(string action, Exception exception);

    [LoggerMessage(5013, LogLevel.Warning, "A refresh token could not be revoked: {Failure}")]
    private partial void LogNotRevoked(ApiFailure failure);
}
