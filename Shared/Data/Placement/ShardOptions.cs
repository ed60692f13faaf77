namespace Platform.Data.Placement;

/// <summary>The shard map: which tenants have a database of their own.</summary>
public sealed class ShardOptions
{
    public const string Section = "Shards";

    /// <summary>
    /// By tenant id, the name of the connection string of its database; who isn't here is in <c>platform</c>. The owner's
    /// connection string for the migrations has the same name with <c>-owner</c>, that of a read replica with <c>-replica</c>.
    /// Empty by default.
    /// </summary>
    public Dictionary<string, string> Tenants { get; } = [];
}
