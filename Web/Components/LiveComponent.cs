using Microsoft.AspNetCore.Components;
using Platform.Web.Live;
using Platform.Web.Sessions;

namespace Platform.Web.Components;

/// <summary>A part of a page that reacts to the tenant's events while it is shown.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private IDisposable? _subscription;
    private bool _isWanted;
    private bool _isUnderWay;

    [Inject]
    private protected LiveEvents Live { get; set; } = default!;

    [Inject]
    private protected CurrentUser User { get; set; } = default!;

    [Inject]
    private protected TimeProvider Clock { get; set; } = default!;

    /// <summary>Cancelled when the page is left.</summary>
    private protected CancellationToken Leaving { get; private set; }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected override async Task OnInitializedAsync()
    {
        Leaving = _leaving.Token;
        await User.LoadAsync();
        // Work it starts goes on by itself: the next event doesn't wait for it.
        if (RendererInfo.IsInteractive) _subscription = Live.Subscribe(happened => InBackground(() => OnEventAsync(happened)));
    }

    /// <summary>Called on the renderer's context.</summary>
    private protected abstract Task OnEventAsync(LiveEvent happened);

    /// <summary>Runs work nobody awaits; its fault is shown as one of this component.</summary>
    private protected void InBackground(Func<Task> work)
    {
        _ = RunAsync();

        async Task RunAsync()
        {
            try
            {
                await InvokeAsync(work);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && _leaving.IsCancellationRequested)
            {
                // The page is gone.
            }
            catch (Exception e)
            {
                await DispatchExceptionAsync(e);
            }
        }
    }

    /// <summary>
    /// Runs the work once for all calls within the delay, then renders. Calls during the work lead to one more run: under a
    /// flood of events the page keeps reading, never starting anew before it has finished.
    /// </summary>
    private protected async Task SoonAsync(TimeSpan delay, Func<Task> work)
    {
        _isWanted = true;
        if (_isUnderWay) return;
        _isUnderWay = true;
        try
        {
            while (_isWanted)
            {
                await Task.Delay(delay, Clock, Leaving);
                _isWanted = false;
                await work();
                StateHasChanged();
            }
        }
        finally
        {
            _isUnderWay = false;
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing) return;
        _subscription?.Dispose();
        _leaving.Cancel();
        _leaving.Dispose();
    }
}
