using Microsoft.AspNetCore.Components;

namespace Platform.Web.Components;

/// <summary>
/// What prerendering may wait for. It makes the first picture complete when the API is quick; when not, the page arrives with
/// its loading state, and the circuit, which can also tell of failures and try again, takes over.
/// </summary>
internal static class Prerendering
{
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(1.5);

    /// <summary>A token for one reading: ends with the page, and while prerendering after the budget.</summary>
    public static CancellationTokenSource ReadingOf(RendererInfo renderer, CancellationToken leaving)
    {
        var reading = CancellationTokenSource.CreateLinkedTokenSource(leaving);
        if (!renderer.IsInteractive) reading.CancelAfter(Budget);
        return reading;
    }

    /// <summary>The problem to show: none while prerendering, since the circuit reads again anyway.</summary>
    public static Backend.ApiProblem? Tell(RendererInfo renderer, Backend.ApiProblem? problem) => renderer.IsInteractive ? problem : null;
}
