using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Platform.Web.Backend;
using Platform.Web.Formatting;
using Platform.Web.Live;

namespace Platform.Web.Components.Pages;

/// <summary>
/// One import: its progress while it runs, its result afterwards. Driven by events; asks by itself, seldom while they flow
/// and often while they don't, so that a lost stream never leaves a bar standing.
/// </summary>
public sealed partial class ImportProgress
{
    private const int ShownRejections = 10;
    private static readonly TimeSpan AskOften = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskSeldom = TimeSpan.FromSeconds(10);

    private ApiProblem? _problem;
    private long _done;
    private long _total;

    [Parameter, EditorRequired]
    public Guid Id { get; set; }

    [Parameter]
    public EventCallback OnFinished { get; set; }

    [PersistentState]
    public ImportView? View { get; set; }

    [PersistentState]
    public IReadOnlyList<ImportRejection>? Rejections { get; set; }

    [Inject]
    private ApiClient Api { get; set; } = default!;

    private int Percent => Numbers.Percent(_done, _total);

    /// <summary>Read out at every quarter: each step would be noise.</summary>
    private string Milestone => _total == 0 ? "Import is waiting to start" : $"Import at {Percent / 25 * 25} percent";

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        if (View?.Id != Id) await LoadAsync();
        else (_done, _total) = (View.RowsDone, View.RowsTotal);
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender && View is not { IsFinished: true }) InBackground(AskRegularlyAsync);
    }

    private async Task LoadAsync()
    {
        using var reading = Prerendering.ReadingOf(RendererInfo, Leaving);
        try
        {
            var result = await Api.GetImportAsync(Id, reading.Token);
            _problem = Prerendering.Tell(RendererInfo, result.Problem);
            if (!result.Succeeded) return;
            Advance(result.Value.RowsDone, result.Value.RowsTotal);
            if (result.Value.IsFinished && result.Value.Rejected > 0 && Rejections is null)
            {
                var rejections = await Api.ListRejectionsAsync(Id, ShownRejections, reading.Token);
                if (rejections.Succeeded) Rejections = rejections.Value.Data;
            }
            View = result.Value;
        }
        catch (OperationCanceledException)
        {
            // The page is gone, or the circuit will read it.
        }
    }

    private async Task AskRegularlyAsync()
    {
        while (View is not { IsFinished: true })
        {
            await Task.Delay(Live.State == LiveState.Live ? AskSeldom : AskOften, Clock, Leaving);
            await RefreshAsync();
        }
    }

    private async Task RefreshAsync()
    {
        if (View is { IsFinished: true }) return;
        await LoadAsync();
        StateHasChanged();
        if (View is { IsFinished: true }) await OnFinished.InvokeAsync();
    }

    private protected override Task OnEventAsync(LiveEvent happened)
    {
        if (happened.Type == LiveEvent.Resync) return RefreshAsync();
        var isImport = happened.Type.StartsWith("import.", StringComparison.Ordinal) && happened.Id("importId") == Id;
        var isJob = happened.Type.StartsWith("job.", StringComparison.Ordinal) && View?.JobId is { } job && happened.Id("id") == job;
        if (!isImport && !isJob) return Task.CompletedTask;
        if (!happened.Type.EndsWith(".progress", StringComparison.Ordinal)) return RefreshAsync();
        OnProgress(happened);
        return Task.CompletedTask;
    }

    private void OnProgress(LiveEvent happened)
    {
        // import.progress counts rows by outcome, job.progress in all.
        if (happened.Type == "import.progress")
            Advance((happened.Number("imported") ?? 0) + (happened.Number("rejected") ?? 0), happened.Number("total") ?? 0);
        else if (happened.Data.TryGetProperty("progress", out var progress) && progress.ValueKind == JsonValueKind.Object)
            Advance(progress.GetProperty("done").GetInt64(), progress.GetProperty("total").GetInt64());
        StateHasChanged();
    }

    /// <summary>Never back: an answer may be older than the last event.</summary>
    private void Advance(long done, long total)
    {
        _total = Math.Max(_total, total);
        _done = Math.Max(_done, done);
    }
}
