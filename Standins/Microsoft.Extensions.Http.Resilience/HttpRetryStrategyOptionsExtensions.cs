using Polly;

namespace Microsoft.Extensions.Http.Resilience;

public static class HttpRetryStrategyOptionsExtensions
{
    /// <summary>No retries of POST, PATCH, PUT, DELETE and CONNECT.</summary>
    public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
        options.DisableFor(HttpMethod.Post, HttpMethod.Patch, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Connect);

    /// <summary>No retries of these methods.</summary>
    public static void DisableFor(this HttpRetryStrategyOptions options, params HttpMethod[] methods)
    {
        var inner = options.ShouldHandle;
        options.ShouldHandle = arguments =>
            arguments.Context.GetRequestMessage() is { } request && methods.Contains(request.Method)
                ? new ValueTask<bool>(false)
                : inner(arguments);
    }
}
