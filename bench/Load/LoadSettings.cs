using System.Globalization;

namespace Platform.Load;

/// <summary>What the command line may change.</summary>
internal sealed class LoadSettings(string[] args)
{
    public int Seed => Number("--seed", 1);

    public int Tenants => Number("--tenants", 1000);

    /// <summary>Contacts, and conversations, of all tenants together.</summary>
    public int Rows => Number("--rows", 1_000_000);

    public int Connections => Number("--connections", 32);

    public int Rounds => Number("--rounds", 3);

    public bool Rivals => !Flag("--no-rivals");

    /// <summary>Environment variables for the Api: <c>--set NAME=VALUE</c>, as often as wanted.</summary>
    public Dictionary<string, string> Api => args.Index()
        .Where(arg => arg.Item == "--set" && arg.Index + 1 < args.Length)
        .Select(arg => args[arg.Index + 1].Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair.ElementAtOrDefault(1) ?? "");

    /// <summary>Each size and seed has a database of its own.</summary>
    public string Database => string.Create(CultureInfo.InvariantCulture, $"load_{Tenants}_{Rows}_{Seed}");

    public bool Flag(string name) => args.Contains(name);

    public int Number(string name, int fallback) => Text(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public string? Text(string name) =>
        Array.IndexOf(args, name) is var index && index >= 0 && index + 1 < args.Length ? args[index + 1] : null;
}
