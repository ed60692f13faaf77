using Npgsql;

namespace Platform.Data.Placement;

/// <summary>One database of the deployment, with its replica if it has one.</summary>
internal sealed record TenantDatabase(string Name, NpgsqlDataSource Primary, NpgsqlDataSource? Replica);
