using Microsoft.AspNetCore.Components;
using Platform.Web.Backend;
using Platform.Web.Components.Parts;
using Platform.Web.Live;

namespace Platform.Web.Components.Pages;

/// <summary>Creates or edits one contact, beside the list.</summary>
public sealed partial class ContactPanel : IDisposable
{
    private readonly CancellationTokenSource _leaving = new();
    private bool _open;
    private bool _busy;
    private bool _changed;
    private Guid? _id;
    private Guid _attempt;
    private string? _etag;
    private string _name = "";
    private string _email = "";
    private string _phone = "";
    private ApiProblem? _problem;

    /// <summary>The contact as it was saved.</summary>
    [Parameter]
    public EventCallback<Contact> OnSaved { get; set; }

    /// <summary>The contact to edit no longer exists.</summary>
    [Parameter]
    public EventCallback OnGone { get; set; }

    [Inject]
    private ApiClient Api { get; set; } = default!;

    [Inject]
    private Notices Notices { get; set; } = default!;

    public Task CreateAsync()
    {
        Show(null, null);
        return Task.CompletedTask;
    }

    /// <summary>Opens with the contact as it is now, which may be newer than the list.</summary>
    public async Task EditAsync(Guid id)
    {
        var result = await Api.GetContactAsync(id, _leaving.Token);
        if (result.Succeeded)
        {
            Show(result.Value, result.ETag);
            return;
        }
        Notices.Show(result.Problem.Failure == ApiFailure.NotFound ? "This contact no longer exists" : result.Problem.Detail, isProblem: true);
        if (result.Problem.Failure == ApiFailure.NotFound) await OnGone.InvokeAsync();
    }

    public void Dispose()
    {
        _leaving.Cancel();
        _leaving.Dispose();
    }

    /// <summary>Tells at once, not only when saving, that somebody else changed what is being edited.</summary>
    internal void Heed(LiveEvent happened)
    {
        if (!_open || _busy || _id is null || happened.Type != "contact.updated" || happened.Id("id") != _id) return;
        _changed = true;
        StateHasChanged();
    }

    private void Show(Contact? contact, string? etag)
    {
        (_id, _etag, _attempt) = (contact?.Id, etag, Guid.CreateVersion7());
        (_name, _email, _phone) = (contact?.Name ?? "", contact?.Email ?? "", contact?.Phone ?? "");
        (_problem, _changed, _busy, _open) = (null, false, false, true);
        StateHasChanged();
    }

    private void Close() => _open = false;

    private Task ReloadAsync()
    {
        var id = _id!.Value;
        return EditAsync(id);
    }

    private async Task SaveAsync()
    {
        if (_busy) return;
        (_busy, _problem) = (true, null);
        var input = new ContactInput(_name.Trim(), Entered(_email), Entered(_phone));
        var result = _id is { } id
            ? await Api.UpdateContactAsync(id, input, _etag, _leaving.Token)
            : await Api.CreateContactAsync(input, _attempt, _leaving.Token);
        _busy = false;
        if (result.Succeeded)
        {
            _open = false;
            await OnSaved.InvokeAsync(result.Value);
            return;
        }
        _problem = result.Problem;
        _changed = result.Problem.Failure == ApiFailure.Changed;
        // Corrected input is another creation than the one the API refused; only an unanswered one may be repeated as it was.
        if (result.Problem.Failure != ApiFailure.Unavailable) _attempt = Guid.CreateVersion7();
        if (_id is not null && result.Problem.Failure == ApiFailure.NotFound)
        {
            _open = false;
            Notices.Show("This contact no longer exists", isProblem: true);
            await OnGone.InvokeAsync();
        }
    }

    private string? MessageFor(string field) => _problem?.For(field);

    private static string? Entered(string text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
