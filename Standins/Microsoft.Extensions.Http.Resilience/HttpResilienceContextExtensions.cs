namespace Polly;

public static class HttpResilienceContextExtensions
{
    private static readonly ResiliencePropertyKey<HttpRequestMessage?> Key = new("Resilience.Http.RequestMessage");

    /// <summary>The request that is being sent; strategies decide by it.</summary>
    public static HttpRequestMessage? GetRequestMessage(this ResilienceContext context) =>
        context.Properties.GetValue(Key, null);

    public static void SetRequestMessage(this ResilienceContext context, HttpRequestMessage? requestMessage) =>
        context.Properties.Set(Key, requestMessage);
}
