using System.Globalization;
using Microsoft.AspNetCore.Components;
using Platform.Tenancy;
using Platform.Web.Backend;
using Platform.Web.Components.Parts;
using Platform.Web.Formatting;
using Platform.Web.Live;

namespace Platform.Web.Components.Pages;

/// <summary>The tenant's contacts: a page of them, kept current by the event stream.</summary>
public sealed partial class Contacts
{
    private const int PageSize = 20;
    private static readonly TimeSpan SearchDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>An import changes thousands of rows; reading again this long after the first news covers many of them.</summary>
    private static readonly TimeSpan ReloadDelay = TimeSpan.FromMilliseconds(400);

    private readonly Dictionary<Guid, int> _highlights = [];
    private CancellationTokenSource? _reading;
    private CancellationTokenSource? _typing;
    private ContactPanel? _panel;
    private ApiProblem? _problem;
    private ApiProblem? _deleteProblem;
    private Contact? _deleting;
    private string _search = "";
    private (string Query, int Page)? _asked;
    private bool _loading;
    private bool _busy;

    [Inject]
    private ApiClient Api { get; set; } = default!;

    [Inject]
    private Notices Notices { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    /// <summary>What was read while prerendering serves the circuit's first picture as well.</summary>
    [PersistentState]
    public ListOf<Contact>? Shown { get; set; }

    [SupplyParameterFromQuery(Name = "q")]
    private string? QueryParameter { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    private int? PageParameter { get; set; }

    private string Query => QueryParameter ?? "";

    private bool CanWrite => User.Can(Permissions.ContactsWrite);

    private Paging Paging => new(Paging.Parse(PageParameter), PageSize, Shown?.Pagination.Total ?? Shown?.Data.Count ?? 0);

    private string Summary => Shown is null ? "\u00A0"
        : string.IsNullOrWhiteSpace(Query) ? Numbers.Count(Paging.Total, "contact")
        : $"{Numbers.Count(Paging.Total, "match").Replace("matchs", "matches", StringComparison.Ordinal)} for “{Query}”";

    private string Range => $"{Numbers.Grouped(Paging.First)}–{Numbers.Grouped(Paging.Last)} of {Numbers.Grouped(Paging.Total)}";

    protected override async Task OnInitializedAsync()
    {
        await base.OnInitializedAsync();
        _search = Query;
        if (Shown is not null) _asked = (Query, Paging.Parse(PageParameter));
    }

    protected override async Task OnParametersSetAsync()
    {
        var wanted = (Query, Paging.Parse(PageParameter));
        if (_asked == wanted) return;
        _asked = wanted;
        // Back and forward bring their own search along; while typing the field is ahead of the address.
        if (_typing is null) _search = Query;
        await LoadAsync();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing) return;
        _reading?.Dispose();
        _typing?.Dispose();
    }

    private static string Address(string query, int page)
    {
        var parts = new List<string>();
        if (!string.IsNullOrWhiteSpace(query)) parts.Add($"q={Uri.EscapeDataString(query.Trim())}");
        if (page > 1) parts.Add(string.Create(CultureInfo.InvariantCulture, $"page={page}"));
        return parts.Count == 0 ? "/contacts" : $"/contacts?{string.Join('&', parts)}";
    }

    private async Task LoadAsync()
    {
        if (_reading is not null) await _reading.CancelAsync();
        _reading?.Dispose();
        var reading = _reading = Prerendering.ReadingOf(RendererInfo, Leaving);
        _loading = true;
        ApiResult<ListOf<Contact>> result;
        try
        {
            result = await Api.ListContactsAsync(Query, Paging.Parse(PageParameter), PageSize, reading.Token);
        }
        catch (OperationCanceledException)
        {
            return; // A later reading took over, or the page is gone.
        }
        if (_reading != reading) return;
        _loading = false;
        _problem = Prerendering.Tell(RendererInfo, result.Problem);
        if (!result.Succeeded) return;
        Shown = result.Value;
        // The list became shorter than the page looked at, by deletions.
        if (Shown.Data.Count == 0 && Paging.Total > 0 && Paging.Page > Paging.Pages)
            Navigation.NavigateTo(Address(Query, Paging.Pages), replace: true);
    }

    private async Task SearchSoonAsync()
    {
        if (_typing is not null) await _typing.CancelAsync();
        _typing?.Dispose();
        var typing = _typing = CancellationTokenSource.CreateLinkedTokenSource(Leaving);
        try
        {
            await Task.Delay(SearchDelay, Clock, typing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Navigation.NavigateTo(Address(_search, 1), replace: true);
        if (_typing == typing) _typing = null;
        typing.Dispose();
    }

    private void ClearSearch()
    {
        _search = "";
        Navigation.NavigateTo("/contacts");
    }

    private async Task SavedAsync(Contact saved)
    {
        Notices.Show($"{saved.Name} was saved");
        Highlight(saved.Id);
        await LoadAsync();
    }

    private async Task DeleteAsync()
    {
        if (_deleting is not { } contact || _busy) return;
        _busy = true;
        var result = await Api.DeleteContactAsync(contact.Id, Leaving);
        _busy = false;
        _deleteProblem = result.Problem is { Failure: not ApiFailure.NotFound } problem ? problem : null;
        if (_deleteProblem is not null) return;
        _deleting = null;
        Notices.Show($"{contact.Name} was deleted");
        await LoadAsync();
    }

    private protected override async Task OnEventAsync(LiveEvent happened)
    {
        if (happened.Type is not ("contact.created" or "contact.updated" or "contact.deleted" or "contacts.changed" or "import.completed" or LiveEvent.Resync))
            return;
        if (happened.Id("id") is { } id && happened.Type is "contact.created" or "contact.updated") Highlight(id);
        _panel?.Heed(happened);
        await SoonAsync(ReloadDelay, LoadAsync);
    }

    private void Highlight(Guid id)
    {
        // Only as many as a person could notice; an old mark has long faded.
        if (_highlights.Count > 200) _highlights.Clear();
        _highlights[id] = _highlights.GetValueOrDefault(id) + 1;
    }

    /// <summary>Alternates between two equal animations, so that a second change of a row shows again.</summary>
    private string? HighlightOf(Guid id) => _highlights.TryGetValue(id, out var times) ? times % 2 == 1 ? "fresh-odd" : "fresh-even" : null;
}
