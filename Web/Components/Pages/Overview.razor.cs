using Microsoft.AspNetCore.Components;
using Platform.Web.Backend;
using Platform.Web.Formatting;
using Platform.Web.Live;

namespace Platform.Web.Components.Pages;

/// <summary>The workspace at a glance.</summary>
public sealed partial class Overview
{
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromSeconds(1);

    private ApiProblem? _contactsProblem;

    [PersistentState]
    public long? Total { get; set; }

    [PersistentState]
    public ListOf<ImportView>? Imports { get; set; }

    [Inject]
    private ApiClient Api { get; set; } = default!;

    private string Greeting => User.Name.Split(' ', 2)[0] is { Length: > 0 } first ? $"Hello, {first}" : "Hello";

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
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
        using var reading = Prerendering.ReadingOf(RendererInfo, Leaving);
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

    private protected override async Task OnEventAsync(LiveEvent happened)
    {
        if (happened.Type != LiveEvent.Resync && !ActivityFeed.IsWorthTelling(happened)) return;
        StateHasChanged();
        await SoonAsync(ReloadDelay, LoadAsync);
    }
}
