using System.Globalization;

namespace Platform.Bench;

/// <summary>What the command line may change.</summary>
/// <param name="Hold">Of <c>soak</c>: for how many seconds an old snapshot is held; 0 for none.</param>
/// <param name="Seconds">Of <c>chaos</c>: how long workers are killed.</param>
internal sealed record BenchSettings(int Jobs, int Rounds, IReadOnlyList<RivalKind> Rivals, int Hold, int Seconds)
{
    public static BenchSettings Parse(string[] args)
    {
        int Number(string name, int fallback)
        {
            var index = Array.IndexOf(args, name);
            return index >= 0 && index + 1 < args.Length ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : fallback;
        }

        var rivals = Array.IndexOf(args, "--rivals") is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : null;
        return new BenchSettings(Number("--jobs", 100_000), Number("--rounds", 3), args.Contains("--no-rivals") ? [] : RivalKind.Parse(rivals), Number("--hold", 0), Number("--seconds", 300));
    }
}
