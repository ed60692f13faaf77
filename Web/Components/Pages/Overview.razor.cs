using Microsoft.AspNetCore.Components;
using Platform.Web.Backend;
using Platform.Web.Formatting;
using Platform.Web.Live;
using Platform.Web.Sessions;

namespace Platform.Web.Components.Pages;

/// <summary>The workspace at a glance.</summary>
public sealed partial class Overview : IDisposable
{
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _leaving = new();
    private IDisposable? _subscription;
    private ApiProblem? _contactsProblem;
    private bool _reloadDue;

    [PersistentState]
    public long? Total { get; set; }

    [PersistentState]
    public ListOf<ImportView>? Imports { get; set; }

    [Inject]
    private ApiClient Api { get; set; } = default!;

    [Inject]
    private LiveEvents Live { get; set; } = default!;

    [Inject]
    private CurrentUser User { get; set; } = default!;

    [Inject]
    private TimeProvider Clock { get; set; } = default!;

    private string Greeting => User.Name.Split(' ', 2)[0] is { Length: > 0 } first ? $"Hello, {first}" : "Hello";

    public void Dispose()
    {
        _subscription?.Dispose();
        _leaving.Cancel();
        _leaving.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        await User.LoadAsync();
        if (RendererInfo.IsInteractive) _subscription = Live.Subscribe(OnEventAsync);
        if (Total is null || Imports is null) await LoadAsync();
    }

    private static string ResultOf(ImportView import) => import.Status switch
    {
        "completed" when import.Rejected > 0 => $"{Numbers.Grouped(import.Imported)} imported, {Numbers.Grouped(import.Rejected)} rejected",
        "completed" => $"{Numbers.Grouped(import.Imported)} imported",
        "failed" => "Could not be imported",
        "cancelled" => "Cancelled",
        _ => Numbers.Size(import.TotalBytes),
    };

    private async Task LoadAsync()
    {
        using var reading = Prerendering.ReadingOf(RendererInfo, _leaving.Token);
        try
        {
            var contacts = Api.ListContactsAsync(null, 1, 1, reading.Token);
            var imports = Api.ListImportsAsync(1, 5, reading.Token);
            await Task.WhenAll(contacts, imports);
            var counted = await contacts;
            _contactsProblem = Prerendering.Tell(RendererInfo, counted.Problem);
            if (counted.Succeeded) Total = counted.Value.Pagination.Total;
            if (await imports is { Succeeded: true, Value: var list }) Imports = list;
        }
        catch (OperationCanceledException)
        {
            // The page is gone, or the circuit will read it.
        }
    }

    private Task OnEventAsync(LiveEvent happened) =>
        ActivityFeed.IsWorthTelling(happened) || happened.Type == LiveEvent.Resync ? InvokeAsync(OnNewsAsync) : Task.CompletedTask;

    private async Task OnNewsAsync()
    {
        StateHasChanged();
        if (_reloadDue) return;
        _reloadDue = true;
        try
        {
            await Task.Delay(ReloadDelay, Clock, _leaving.Token);
            _reloadDue = false;
            await LoadAsync();
        }
        catch (OperationCanceledException)
        {
            return; // The page is gone.
        }
        StateHasChanged();
    }
}
