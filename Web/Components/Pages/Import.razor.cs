using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;
using Platform.Web.Backend;
using Platform.Web.Formatting;
using Platform.Web.Live;
using Platform.Web.Transfers;

namespace Platform.Web.Components.Pages;

/// <summary>Uploads a file, shows how its import goes, and what was imported before.</summary>
public sealed partial class Import
{
    private const int PageSize = 10;
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromMilliseconds(200);

    private ElementReference _input;
    private DotNetObjectReference<Import>? _self;
    private ChosenFile? _file;
    private string? _fileProblem;
    private ApiProblem? _historyProblem;
    private int _uploaded;
    private int? _asked;
    private bool _uploading;

    [Parameter]
    public Guid? Id { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private int? PageParameter { get; set; }

    [PersistentState]
    public ListOf<ImportView>? History { get; set; }

    [Inject]
    private ApiClient Api { get; set; } = default!;

    [Inject]
    private IJSRuntime Script { get; set; } = default!;

    [Inject]
    private AntiforgeryStateProvider Antiforgery { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private Paging Paging => new(Paging.Parse(PageParameter), PageSize, History?.Pagination.Total ?? 0);

    /// <summary>Called by the script while the browser sends.</summary>
    [JSInvokable]
    public void Uploaded(int percent)
    {
        _uploaded = Math.Clamp(percent, 0, 100);
        StateHasChanged();
    }

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        if (History is not null) _asked = Paging.Parse(PageParameter);
    }

    protected override async Task OnParametersSetAsync()
    {
        var page = Paging.Parse(PageParameter);
        if (_asked == page) return;
        _asked = page;
        await LoadHistoryAsync();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing) _self?.Dispose();
    }

    private static string Address(int page) =>
        page == 1 ? "/import" : string.Create(CultureInfo.InvariantCulture, $"/import?page={page}");

    private async Task LoadHistoryAsync()
    {
        using var reading = Prerendering.ReadingOf(RendererInfo, Leaving);
        try
        {
            var result = await Api.ListImportsAsync(Paging.Parse(PageParameter), PageSize, reading.Token);
            _historyProblem = Prerendering.Tell(RendererInfo, result.Problem);
            if (result.Succeeded) History = result.Value;
        }
        catch (OperationCanceledException)
        {
            // The page is gone, or the circuit will read it.
        }
    }

    private async Task ChosenAsync()
    {
        _file = await Script.InvokeAsync<ChosenFile?>("platform.chosenFile", Leaving, _input);
        _fileProblem = _file is null ? null : FileRules.Check(_file.Name, _file.Size);
    }

    private async Task StartAsync()
    {
        if (_file is null || _uploading) return;
        (_uploading, _uploaded, _fileProblem) = (true, 0, null);
        _self ??= DotNetObjectReference.Create(this);
        UploadAnswer answer;
        try
        {
            answer = await Script.InvokeAsync<UploadAnswer>("platform.upload", Leaving, [_input, Antiforgery.GetAntiforgeryToken()?.Value, _self]);
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or OperationCanceledException)
        {
            answer = new UploadAnswer(0, null, null);
        }
        _uploading = false;
        if (answer.Status == (int)HttpStatusCode.Accepted && ImportIdOf(answer.Body) is { } importId)
        {
            _file = null;
            Navigation.NavigateTo($"/import/{importId}");
            await LoadHistoryAsync();
            return;
        }
        _fileProblem = answer.Status == 0
            ? "The upload was interrupted. Check your connection and start again."
            : Explain(ProblemReader.Parse((HttpStatusCode)answer.Status, answer.Body,
                answer.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null));
    }

    private static string Explain(ApiProblem problem) =>
        problem.Failure == ApiFailure.TooLarge ? FileRules.TooLarge : problem.For("file") ?? problem.Detail;

    private static Guid? ImportIdOf(string? body)
    {
        try
        {
            using var document = JsonDocument.Parse(body ?? "");
            return document.RootElement.TryGetProperty("importId", out var id) && id.TryGetGuid(out var value) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private protected override Task OnEventAsync(LiveEvent happened) =>
        happened.Type is "import.completed" or "job.dead" or "job.cancelled" or LiveEvent.Resync
            ? SoonAsync(ReloadDelay, LoadHistoryAsync)
            : Task.CompletedTask;

    /// <summary>What the browser tells of a file; its content stays there until the upload.</summary>
    private sealed record ChosenFile(string Name, long Size);

    /// <param name="Status">0 when there was no answer.</param>
    private sealed record UploadAnswer(int Status, string? Body, double? RetryAfter);
}
