using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Platform.Web.Sessions;

namespace Platform.Web.Backend;

/// <summary>
/// The API as one user's pages call it. Scoped: a circuit (or a request that prerenders) has its own, with its user's
/// token. Never throws for what a page can tell its user; every failure is an <see cref="ApiProblem"/>.
/// </summary>
internal sealed partial class ApiClient(
    IHttpClientFactory clients, CurrentUser user, SessionTokens tokens, TimeProvider clock, ILogger<ApiClient> logger)
{
    /// <summary>What a short call may take in all, retries included; the page shows its error state then.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    public Task<ApiResult<ListOf<Contact>>> ListContactsAsync(string? search, int page, int limit, CancellationToken cancellationToken) =>
        SendAsync<ListOf<Contact>>("contacts.list", HttpMethod.Get, ContactsUrl(search, page, limit), cancellationToken: cancellationToken);

    public Task<ApiResult<Contact>> GetContactAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync<Contact>("contacts.get", HttpMethod.Get, $"/api/contacts/{id}", cancellationToken: cancellationToken);

    /// <param name="attempt">The same for every try of one creation, so that a repeated one doesn't create twice.</param>
    public Task<ApiResult<Contact>> CreateContactAsync(ContactInput input, Guid attempt, CancellationToken cancellationToken) =>
        SendAsync<Contact>("contacts.create", HttpMethod.Post, "/api/contacts", input,
            request => request.Headers.Add("Idempotency-Key", attempt.ToString("D")), cancellationToken);

    /// <param name="etag">The version the user saw; the update is refused when there is a newer one.</param>
    public Task<ApiResult<Contact>> UpdateContactAsync(Guid id, ContactInput input, string? etag, CancellationToken cancellationToken) =>
        SendAsync<Contact>("contacts.update", HttpMethod.Put, $"/api/contacts/{id}", input,
            request =>
            {
                if (etag is not null) request.Headers.TryAddWithoutValidation("If-Match", etag);
            }, cancellationToken);

    public Task<ApiResult<Nothing>> DeleteContactAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync<Nothing>("contacts.delete", HttpMethod.Delete, $"/api/contacts/{id}", cancellationToken: cancellationToken);

    public Task<ApiResult<ListOf<ImportView>>> ListImportsAsync(int page, int limit, CancellationToken cancellationToken) =>
        SendAsync<ListOf<ImportView>>("imports.list", HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"/api/imports?page={page}&limit={limit}"), cancellationToken: cancellationToken);

    public Task<ApiResult<ImportView>> GetImportAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync<ImportView>("imports.get", HttpMethod.Get, $"/api/imports/{id}", cancellationToken: cancellationToken);

    public Task<ApiResult<ListOf<ImportRejection>>> ListRejectionsAsync(Guid importId, int limit, CancellationToken cancellationToken) =>
        SendAsync<ListOf<ImportRejection>>("imports.rejections", HttpMethod.Get,
            string.Create(CultureInfo.InvariantCulture, $"/api/imports/{importId}/rejections?page=1&limit={limit}"),
            cancellationToken: cancellationToken);

    public Task<ApiResult<JobView>> GetJobAsync(Guid id, CancellationToken cancellationToken) =>
        SendAsync<JobView>("jobs.get", HttpMethod.Get, $"/api/jobs/{id}/status", cancellationToken: cancellationToken);

    internal static string ContactsUrl(string? search, int page, int limit)
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"/api/contacts?page={page}&limit={limit}");
        return string.IsNullOrWhiteSpace(search) ? url : $"{url}&search={Uri.EscapeDataString(search.Trim())}";
    }

    private async Task<ApiResult<T>> SendAsync<T>(
        string action, HttpMethod method, string url, object? body = null, Action<HttpRequestMessage>? prepare = null,
        CancellationToken cancellationToken = default)
    {
        using var activity = WebTelemetry.Source.StartActivity(action);
        activity?.SetTag("tenant.id", user.Tenant?.ToString());
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var result = await SendAuthorizedAsync<T>(method, url, body, prepare, deadline.Token);
            if (!result.Succeeded) activity?.SetStatus(ActivityStatusCode.Error, result.Problem.Failure.ToString());
            return result;
        }
        catch (Exception e) when (IsOutage(e) && !cancellationToken.IsCancellationRequested)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            LogUnreachable(action, e);
            return ProblemReader.Parse(System.Net.HttpStatusCode.ServiceUnavailable, null, null);
        }
        catch (System.Text.Json.JsonException e)
        {
            activity?.SetStatus(ActivityStatusCode.Error, e.GetType().Name);
            LogUnreadable(action, e);
            return ProblemReader.Parse(System.Net.HttpStatusCode.InternalServerError, null, null);
        }
    }

    private async Task<ApiResult<T>> SendAuthorizedAsync<T>(
        HttpMethod method, string url, object? body, Action<HttpRequestMessage>? prepare, CancellationToken cancellationToken)
    {
        var token = await TokenAsync(null, cancellationToken);
        for (var attempt = 1; token is not null; attempt++)
        {
            using var request = new HttpRequestMessage(method, url);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (body is not null) request.Content = JsonContent.Create(body, body.GetType());
            prepare?.Invoke(request);
            using var response = await clients.CreateClient(BackendClients.Api).SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode) return await ValueAsync<T>(response, cancellationToken);

            var problem = await ProblemReader.ReadAsync(response, clock, cancellationToken);
            // Refused although it had not expired: the keys or the user's rights changed. One refresh tells.
            if (problem.Failure != ApiFailure.SignedOut || attempt > 1) return problem;
            token = await TokenAsync(token, cancellationToken);
        }
        return ProblemReader.Parse(System.Net.HttpStatusCode.Unauthorized, null, null);
    }

    private async Task<string?> TokenAsync(string? refused, CancellationToken cancellationToken) =>
        await user.GetSessionAsync() is { } session ? await tokens.GetAccessTokenAsync(session, refused, cancellationToken) : null;

    private static async Task<ApiResult<T>> ValueAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (typeof(T) == typeof(Nothing)) return new ApiResult<T>((T)(object)Nothing.Value, null);
        var value = await response.Content.ReadFromJsonAsync<T>(cancellationToken)
            ?? throw new System.Text.Json.JsonException("The answer is empty.");
        return new ApiResult<T>(value, null, response.Headers.ETag?.ToString());
    }

    /// <summary>The resilience pipeline has exceptions of its own for a timeout and an open circuit, all meaning: not now.</summary>
    internal static bool IsOutage(Exception e) =>
        e is HttpRequestException or OperationCanceledException or IOException or SessionsUnavailableException
        || e.GetType().Namespace?.StartsWith("Polly", StringComparison.Ordinal) == true;

    [LoggerMessage(5001, LogLevel.Warning, "The API could not be reached for {Action}")]
    private partial void LogUnreachable(string action, Exception exception);

    [LoggerMessage(5002, LogLevel.Error, "The API's answer to {Action} could not be read")]
    private partial void LogUnreadable(string action, Exception exception);
}
