using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Sends each request through the pipeline chosen for it.</summary>
public class ResilienceHandler(Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> pipelineProvider) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.SetRequestMessage(request);
        try
        {
            var outcome = await pipelineProvider(request).ExecuteOutcomeAsync(SendOnceAsync, context, (Handler: this, request)).ConfigureAwait(false);
            outcome.ThrowIfException();
            return outcome.Result!;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static async ValueTask<Outcome<HttpResponseMessage>> SendOnceAsync(
        ResilienceContext context,
        (ResilienceHandler Handler, HttpRequestMessage Request) state)
    {
        try
        {
            return Outcome.FromResult(await state.Handler.SendNextAsync(state.Request, context.CancellationToken).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            return Outcome.FromException<HttpResponseMessage>(exception);
        }
    }

    private Task<HttpResponseMessage> SendNextAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);
}
