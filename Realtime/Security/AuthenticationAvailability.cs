namespace Platform.Realtime.Security;

/// <summary>Tells "can't be checked right now" (503) from "isn't valid" (401).</summary>
internal static class AuthenticationAvailability
{
    private static readonly object Key = new();

    public static void MarkAuthenticationUnavailable(this HttpContext context) => context.Items[Key] = true;

    public static bool IsAuthenticationUnavailable(this HttpContext context) => context.Items.ContainsKey(Key);

    public static Task AnswerUnavailable(this HttpContext context)
    {
        context.Response.Headers.RetryAfter = "2";
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return Task.CompletedTask; // The body is written with those of the other statuses.
    }
}
