using Npgsql;
using NpgsqlTypes;

namespace Platform.Worker;

internal static class NpgsqlParameterExtensions
{
    /// <summary>Adds a value that may be null, of which Postgres couldn't tell the type.</summary>
    public static void AddNullable(this NpgsqlParameterCollection parameters, NpgsqlDbType type, object? value) =>
        parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
}
