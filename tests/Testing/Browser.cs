namespace Platform.Testing;

/// <summary>The browser of this machine, for tests that need a real one.</summary>
public static class Browser
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];

    private static readonly string[] Usual =
    [
        "/usr/bin/chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        @"C:\Program Files\Google\Chrome\Application\chrome.exe",
        @"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ];

    /// <summary>
    /// Full path of a Chromium-like browser: <c>PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH</c>, then <c>PATH</c>, then the usual places.
    /// Null where there is none.
    /// </summary>
    public static string? ExecutablePath { get; } = Find();

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("PLAYWRIGHT_CHROMIUM_EXECUTABLE_PATH") is { Length: > 0 } set) return set;
        var suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .SelectMany(folder => Names.Select(name => Path.Combine(folder, name + suffix)))
            .Concat(Usual)
            .FirstOrDefault(File.Exists);
    }
}
