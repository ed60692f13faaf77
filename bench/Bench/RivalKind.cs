namespace Platform.Bench;

/// <summary>A queue of others that this one is measured beside. Its program is <c>rivals/&lt;name&gt;/bench.mjs</c>.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="OnRedis">Whether it works on Redis rather than on Postgres.</param>
internal sealed record RivalKind(string Name, string Title, bool OnRedis = false)
{
    public static RivalKind Graphile { get; } = new("graphile", "graphile-worker 0.18");

    public static IReadOnlyList<RivalKind> All { get; } =
        [Graphile, new("pgboss", "pg-boss 12"), new("bullmq", "BullMQ 5 on Redis", OnRedis: true)];

    /// <summary>The rivals named, comma-separated; all when nothing is.</summary>
    public static IReadOnlyList<RivalKind> Parse(string? names) => names is null
        ? All
        : [.. names.Split(',').Select(n => All.SingleOrDefault(k => k.Name == n)
            ?? throw new ArgumentException($"There is no rival '{n}'; there are {string.Join(", ", All.Select(k => k.Name))}."))];
}
