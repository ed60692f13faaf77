using Npgsql;

namespace Platform.Data.Schema;

/// <summary>What servers before Postgres 18 lack and the schema relies on.</summary>
internal static class OlderServers
{
    // RFC 9562, 5.7: milliseconds since 1970 in the first 48 bits, version and variant, the rest random. Where the server has one of its
    // own, that is found first, also after an upgrade.
    private const string Complete =
        """
        DO $do$
        BEGIN
            IF to_regprocedure('uuidv7()') IS NULL THEN
                CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
                    SELECT encode(set_bit(set_bit(overlay(
                        uuid_send(gen_random_uuid())
                        PLACING substring(int8send(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
                        52, 1), 53, 1), 'hex')::uuid
                $$;
            END IF;
        END $do$
        """;

    /// <param name="connection">The owner's, holding the migrations' lock.</param>
    public static async Task CompleteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(Complete, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
