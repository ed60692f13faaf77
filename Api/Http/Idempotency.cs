using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Platform.Data;

namespace Platform.Api.Http;

/// <summary>
/// Runs a creating request in one transaction. With an <c>Idempotency-Key</c>, the first answer is kept in that very
/// transaction and given again to whoever repeats the request; so the row and the record exist both or not at all.
/// </summary>
internal sealed class Idempotency(PlatformDb db, IOptions<JsonOptions> json, TimeProvider time)
{
    public const string Header = "Idempotency-Key";

    private const int MaxKeyLength = 200;

    /// <summary>How long a repeated request waits, without holding a connection, for the first one to finish.</summary>
    private static readonly TimeSpan[] Waits = [.. new[] { 25, 75, 150, 250, 500 }.Select(ms => TimeSpan.FromMilliseconds(ms))];

    /// <param name="input">The validated input; the same key with another input is a mistake of the client (422).</param>
    /// <param name="create">Works inside the transaction. An error answer rolls it back and isn't kept.</param>
    public async Task<IResult> RunAsync<TInput>(
        HttpContext context, TInput input, Func<TenantTransaction, Task<CreateOutcome>> create, CancellationToken cancellationToken)
    {
        if (context.Request.Headers[Header] is not { Count: > 0 } header)
        {
            await using var plain = await db.BeginAsync(cancellationToken);
            return await FinishAsync(plain, await create(plain), cancellationToken);
        }
        if (header is not [{ Length: > 0 and <= MaxKeyLength } key] || key.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Problems.BadRequest($"'{Header}' must be one value of 1 to {MaxKeyLength} printable ASCII characters without spaces.");

        var route = $"{context.Request.Method} {((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText}";
        var fingerprint = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(input, json.Value.SerializerOptions));
        var differed = false;
        for (var attempt = 0; ; attempt++)
        {
            await using (var transaction = await db.BeginAsync(cancellationToken))
            {
                switch (await TryLockAsync(transaction, route, key, fingerprint, cancellationToken))
                {
                    case (Mine: true, _):
                        return await FindAsync(transaction, route, key, fingerprint, cancellationToken)
                            ?? await CreateAsync(transaction, route, key, fingerprint, create, cancellationToken);
                    // Locks end one after the other: only who is told twice has met other content, and not the end of its own.
                    case (_, SameInput: false) when differed:
                        return OtherInput();
                    case (_, var same):
                        differed = !same;
                        break;
                }
            }
            if (attempt == Waits.Length)
                return InFlight();
            await Task.Delay(Waits[attempt], time, cancellationToken);
        }
    }

    private static ProblemResult InFlight() => new(
        StatusCodes.Status409Conflict, $"A request with this '{Header}' is still being worked on.", retryAfter: TimeSpan.FromSeconds(1));

    private static ProblemResult OtherInput() =>
        Problems.Invalid(Header, $"This '{Header}' was used for a request with other content; use a new one.");

    private static async Task<IResult> FinishAsync(
        TenantTransaction transaction, CreateOutcome outcome, CancellationToken cancellationToken)
    {
        if (outcome.Response is { } response)
        {
            await transaction.CommitAsync(cancellationToken);
            return response;
        }
        return outcome.Problem!;
    }

    private static async Task<IResult> CreateAsync(
        TenantTransaction transaction, string route, string key, byte[] fingerprint,
        Func<TenantTransaction, Task<CreateOutcome>> create, CancellationToken cancellationToken)
    {
        var outcome = await create(transaction);
        if (outcome.Response is { } response)
        {
            // A record past its day makes room; index: idempotency_records_pkey.
            await using var forget = transaction.CreateCommand(
                "DELETE FROM idempotency_records WHERE tenant_id = $1 AND route = $2 AND key = $3");
            Add(forget, transaction, route, key);
            await forget.ExecuteNonQueryAsync(cancellationToken);
            await using var insert = transaction.CreateCommand(
                """
                INSERT INTO idempotency_records (tenant_id, route, key, fingerprint, status, headers, body)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """);
            Add(insert, transaction, route, key);
            insert.Parameters.AddWithValue(fingerprint);
            insert.Parameters.AddWithValue(response.Status);
            insert.Parameters.AddWithValue(NpgsqlDbType.Jsonb, JsonSerializer.Serialize(response.Headers));
            insert.Parameters.AddWithValue(response.Body);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        return await FinishAsync(transaction, outcome, cancellationToken);
    }

    /// <summary>
    /// Two locks: one of the key with this content, then one of the key. Whoever gets the first but not the second knows
    /// that the key is in use with other content, before the other request has finished.
    /// </summary>
    private static async Task<(bool Mine, bool SameInput)> TryLockAsync(
        TenantTransaction transaction, string route, string key, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            "SELECT content, content AND pg_try_advisory_xact_lock($2) FROM (SELECT pg_try_advisory_xact_lock($1) AS content OFFSET 0) AS first");
        command.Parameters.AddWithValue(LockId($"{transaction.Tenant}\n{route}\n{key}\n{Convert.ToHexStringLower(fingerprint)}"));
        command.Parameters.AddWithValue(LockId($"{transaction.Tenant}\n{route}\n{key}"));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var (content, name) = (reader.GetBoolean(0), reader.GetBoolean(1));
        return (content && name, !content);
    }

    private static long LockId(string text) =>
        BitConverter.ToInt64(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Index: idempotency_records_pkey.</summary>
    private static async Task<IResult?> FindAsync(
        TenantTransaction transaction, string route, string key, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var command = transaction.CreateCommand(
            """
            SELECT fingerprint, status, headers, body FROM idempotency_records
            WHERE tenant_id = $1 AND route = $2 AND key = $3 AND created_at > now() - interval '24 hours'
            """);
        Add(command, transaction, route, key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        if (!CryptographicOperations.FixedTimeEquals(reader.GetFieldValue<byte[]>(0), fingerprint))
            return OtherInput();
        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(2))!;
        headers["Idempotency-Replayed"] = "true";
        return new StoredResponse(reader.GetInt32(1), headers, reader.GetFieldValue<byte[]>(3));
    }

    private static void Add(NpgsqlCommand command, TenantTransaction transaction, string route, string key)
    {
        command.Parameters.AddWithValue(transaction.Tenant.Value);
        command.Parameters.AddWithValue(route);
        command.Parameters.AddWithValue(key);
    }
}
