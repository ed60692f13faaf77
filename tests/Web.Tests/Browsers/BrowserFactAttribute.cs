using Platform.Testing;

namespace Platform.Web.Tests.Browsers;

/// <summary>A test in a real browser; skipped, with the reason, where the machine has none.</summary>
internal sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (Browser.ExecutablePath is null)
            Skip = "There is no Chromium on this machine. Install it or set PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH.";
    }
}
