namespace Platform.Web.Components.Parts;

/// <summary>Short messages of one circuit, shown and read out for a few seconds.</summary>
internal sealed class Notices
{
    private readonly List<Notice> _shown = [];
    private int _last;

    public event Action? Changed;

    public IReadOnlyList<Notice> Shown => _shown;

    /// <param name="isProblem">Stays until dismissed.</param>
    public Notice Show(string text, bool isProblem = false)
    {
        var notice = new Notice(++_last, text, isProblem);
        _shown.Add(notice);
        if (_shown.Count > 3) _shown.RemoveAt(0);
        Changed?.Invoke();
        return notice;
    }

    public void Dismiss(Notice notice)
    {
        if (_shown.Remove(notice)) Changed?.Invoke();
    }
}
