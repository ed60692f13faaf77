using Npgsql;
using NpgsqlTypes;
using Platform.Data.Billing;
using Platform.Tenancy;

namespace Platform.Worker.Imports;

/// <summary>
/// Writes a batch of rows: contacts, rejections and the import's cursor in one transaction, so that a crash at any point
/// loses nothing and repeats nothing.
/// </summary>
internal sealed class ImportBatch(ImportStore store, TenantId tenant, Guid import)
{
    private const int Attempts = 5;

    /// <param name="before">The cursor the batch follows on.</param>
    /// <returns>The cursor after it; null when another attempt has moved the cursor meanwhile and nothing was written.</returns>
    /// <exception cref="InvalidOperationException">Others kept adding the same contacts at the same time.</exception>
    public async Task<ImportProgress?> WriteAsync(List<ContactRow> rows, ImportProgress before, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            await using var transaction = await store.BeginAsync(tenant, cancellationToken);
            await using var connection = transaction.Connection!;
            var room = await RoomAsync(transaction, rows.Count, cancellationToken);
            var (accepted, rejected) = Judge(rows, await TakenAsync(transaction, rows, cancellationToken), room);
            var after = before with
            {
                RowsDone = rows[^1].Number,
                Imported = before.Imported + accepted.Count,
                Rejected = before.Rejected + rejected.Count,
            };

            var (moved, inserted) = await InsertAsync(transaction, before, after, accepted, rejected, cancellationToken);
            if (!moved)
                return null;
            if (inserted == accepted.Count)
            {
                await store.CommitAsync(transaction, tenant, cancellationToken);
                return after;
            }

            // Somebody added one of these contacts between the look and the insert: look again, to blame the right rows.
        }

        throw new InvalidOperationException("Other writers kept adding the same contacts.");
    }

    /// <summary>How many contacts the tenant's plan has room for; near its limit nobody else adds any until this batch is committed.</summary>
    private static async Task<long> RoomAsync(NpgsqlTransaction transaction, int wanted, CancellationToken cancellationToken) =>
        await Usage.ContactsAsync(transaction.Connection!, transaction, wanted, cancellationToken) is (var used, { } allowed)
            ? Math.Max(0, allowed - used)
            : long.MaxValue;

    /// <summary>For each valid row its e-mail as Postgres compares it, and whether a contact has the e-mail or the phone.</summary>
    private async Task<Dictionary<long, Taken>> TakenAsync(
        NpgsqlTransaction transaction, List<ContactRow> rows, CancellationToken cancellationToken)
    {
        // Indexes: contacts_email_key and contacts_phone_key, one look-up each a row.
        const string Sql = """
            SELECT u.number, lower(u.email),
                EXISTS (SELECT FROM contacts c WHERE c.tenant_id = $1 AND c.email_key = lower(u.email)),
                EXISTS (SELECT FROM contacts c WHERE c.tenant_id = $1 AND c.phone = u.phone)
            FROM unnest($2::bigint[], $3::text[], $4::text[]) AS u (number, email, phone)
            """;
        var valid = rows.FindAll(row => row.Contact is not null);
        await using var command = new NpgsqlCommand(Sql, transaction.Connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. valid.Select(row => row.Number)] });
        command.Parameters.Add(Texts(valid, row => row.Contact!.Email));
        command.Parameters.Add(Texts(valid, row => row.Contact!.Phone));
        var taken = new Dictionary<long, Taken>(valid.Count);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            taken.Add(reader.GetInt64(0), new(reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetBoolean(2), reader.GetBoolean(3)));
        return taken;
    }

    /// <summary>Goes through the rows in order: a row claims its e-mail and phone only when it is accepted.</summary>
    private static (List<ContactRow> Accepted, List<ContactRow> Rejected) Judge(
        List<ContactRow> rows, Dictionary<long, Taken> taken, long room)
    {
        var emails = new HashSet<string>(StringComparer.Ordinal);
        var phones = new HashSet<string>(StringComparer.Ordinal);
        List<ContactRow> accepted = new(rows.Count), rejected = [];
        foreach (var row in rows)
        {
            if (row.Contact is not { } contact)
            {
                rejected.Add(row);
                continue;
            }

            var (email, emailTaken, phoneTaken) = taken[row.Number];
            if (emailTaken || (email is not null && emails.Contains(email)))
            {
                rejected.Add(row with { Rejection = RejectionReasons.DuplicateEmail });
            }
            else if (phoneTaken || (contact.Phone is not null && phones.Contains(contact.Phone)))
            {
                rejected.Add(row with { Rejection = RejectionReasons.DuplicatePhone });
            }
            else if (accepted.Count >= room)
            {
                rejected.Add(row with { Rejection = RejectionReasons.ContactLimitReached });
            }
            else
            {
                accepted.Add(row);
                if (email is not null)
                    emails.Add(email);
                if (contact.Phone is not null)
                    phones.Add(contact.Phone);
            }
        }

        return (accepted, rejected);
    }

    private async Task<(bool Moved, int Inserted)> InsertAsync(
        NpgsqlTransaction transaction,
        ImportProgress before,
        ImportProgress after,
        List<ContactRow> accepted,
        List<ContactRow> rejected,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(transaction.Connection, transaction);

        // The fence. Index: imports_pkey.
        var cursor = Add(batch, """
            UPDATE imports SET rows_done = $4, imported = $5, rejected = $6
            WHERE tenant_id = $1 AND id = $2 AND status = 'running' AND rows_done = $3
            """);
        cursor.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = import });
        foreach (var value in (ReadOnlySpan<long>)[before.RowsDone, after.RowsDone, after.Imported, after.Rejected])
            cursor.Parameters.Add(new NpgsqlParameter<long> { TypedValue = value });

        // Indexes: contacts_email_key and contacts_phone_key decide conflicts.
        var insert = Add(batch, """
            INSERT INTO contacts (tenant_id, id, name, email, phone)
            SELECT $1, u.id, u.name, u.email, u.phone FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) AS u (id, name, email, phone)
            ON CONFLICT DO NOTHING
            """);
        insert.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. accepted.Select(_ => Guid.CreateVersion7())] });
        insert.Parameters.Add(Texts(accepted, row => row.Contact!.Name));
        insert.Parameters.Add(Texts(accepted, row => row.Contact!.Email));
        insert.Parameters.Add(Texts(accepted, row => row.Contact!.Phone));

        // Index: import_rejections_pkey is appended to.
        var reject = Add(batch, """
            INSERT INTO import_rejections (tenant_id, import_id, row_number, line, reason)
            SELECT $1, $2, u.number, u.line, u.reason FROM unnest($3::bigint[], $4::text[], $5::text[]) AS u (number, line, reason)
            """);
        reject.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = import });
        reject.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. rejected.Select(row => row.Number)] });
        reject.Parameters.Add(Texts(rejected, row => Storable(row.Line)));
        reject.Parameters.Add(Texts(rejected, row => row.Rejection));

        await batch.ExecuteNonQueryAsync(cancellationToken);
        return (cursor.RecordsAffected == 1, (int)insert.RecordsAffected);
    }

    private NpgsqlBatchCommand Add(NpgsqlBatch batch, string sql)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        batch.BatchCommands.Add(command);
        return command;
    }

    private static NpgsqlParameter<string?[]> Texts(List<ContactRow> rows, Func<ContactRow, string?> pick) => new()
    {
        TypedValue = [.. rows.Select(pick)],
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };

    // Postgres stores no NUL characters; the line ends where the record does.
    private static string Storable(string line) => line.TrimEnd('\r', '\n').Replace('\0', '\uFFFD');

    private readonly record struct Taken(string? Email, bool EmailTaken, bool PhoneTaken);
}
