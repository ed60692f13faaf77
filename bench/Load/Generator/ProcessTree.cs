using System.Globalization;

namespace Platform.Load.Generator;

/// <summary>Processor time of a process and everything below it. Linux only; elsewhere there is none to read.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    /// <returns>Seconds, with those of children that have ended; null where it can't be read.</returns>
    public static double? Seconds(int root)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var processes = Processes();
        if (!processes.ContainsKey(root))
            return null;
        return Below(root, processes).Sum(id => processes[id].Ticks) / TicksPerSecond;
    }

    /// <returns>The process itself first.</returns>
    public static IReadOnlyList<int> Members(int root) => Below(root, Processes());

    private static List<int> Below(int root, Dictionary<int, (int Parent, double Ticks)> processes)
    {
        var members = new List<int> { root };
        for (var i = 0; i < members.Count; i++)
            members.AddRange(processes.Where(process => process.Value.Parent == members[i]).Select(process => process.Key));
        return members;
    }

    // Of the fields after the command's name 1 is the parent; 11 to 14 are user and system time, its own and its ended children's.
    private static Dictionary<int, (int Parent, double Ticks)> Processes()
    {
        var processes = new Dictionary<int, (int, double)>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id))
                continue;
            try
            {
                var text = File.ReadAllText($"/proc/{id}/stat");
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                processes[id] = (
                    int.Parse(fields[1], CultureInfo.InvariantCulture),
                    fields[11..15].Sum(field => double.Parse(field, CultureInfo.InvariantCulture)));
            }
            catch (IOException)
            {
                // It has ended.
            }
        }

        return processes;
    }
}
