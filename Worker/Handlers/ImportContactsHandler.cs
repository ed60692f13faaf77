using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Data.Imports;
using Platform.Data.Webhooks;
using Platform.Events;
using Platform.Jobs;
using Platform.Worker.Imports;

namespace Platform.Worker.Handlers;

/// <summary>
/// Turns an uploaded file into contacts, a batch of rows a transaction. Every attempt goes on where the last commit was.
/// </summary>
internal sealed class ImportContactsHandler(ImportStore store, ITenantEvents events, IOptions<ImportOptions> options) : IJobHandler<ImportContacts>
{
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(2);

    public async Task<object?> RunAsync(ImportContacts payload, JobContext context, CancellationToken cancellationToken)
    {
        var import = await store.StartAsync(context.Tenant, payload.ImportId, cancellationToken)
            ?? throw new PermanentJobException("The import no longer exists.");
        switch (import.Status)
        {
            // An earlier attempt did it all and died before it could say so.
            case ImportStatus.Completed:
                return Result(payload, import);
            case not ImportStatus.Running:
                throw new PermanentJobException("The import has ended already.");
        }

        try
        {
            return await ImportAsync(payload, context, import, cancellationToken);
        }
        catch (PermanentJobException e)
        {
            await store.EndAsync(context.Tenant, payload.ImportId, ImportStatus.Failed, e.Message, null, null, CancellationToken.None);
            throw;
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            await store.EndAsync(context.Tenant, payload.ImportId, ImportStatus.Cancelled, null, null, null, CancellationToken.None);
            throw;
        }
        catch (Exception e) when (e is not (OperationCanceledException or SnoozeJobException) && context.IsLastAttempt)
        {
            await store.SetFailedAsync(context.Tenant, payload.ImportId, "The import failed.", CancellationToken.None);
            throw;
        }
    }

    private async Task<object> ImportAsync(
        ImportContacts payload, JobContext context, ImportProgress import, CancellationToken cancellationToken)
    {
        var (tenant, id) = (context.Tenant, payload.ImportId);
        if (import.RowsTotal == 0)
        {
            // The file is read twice: once to refuse a broken one before anything is written, and to know how long it is.
            await using var first = store.OpenFile(tenant, id);
            import = import with { RowsTotal = await ContactFileReader.CountAsync(first, cancellationToken) };
            await store.SetTotalAsync(tenant, id, import.RowsTotal, cancellationToken);
        }

        await context.ReportProgressAsync(import.RowsDone, import.RowsTotal, cancellationToken);
        var batch = new ImportBatch(store, tenant, id);
        var rows = new List<ContactRow>(options.Value.BatchRows);
        await using var file = store.OpenFile(tenant, id);
        await foreach (var row in ContactFileReader.ReadAsync(file, import.RowsDone, cancellationToken))
        {
            rows.Add(row);
            if (rows.Count < options.Value.BatchRows)
                continue;
            import = await WriteAsync(batch, rows, import, payload, context, cancellationToken);
            rows.Clear();
        }

        if (rows.Count > 0)
            import = await WriteAsync(batch, rows, import, payload, context, cancellationToken);
        const string Completed = "import.completed";
        var data = JsonSerializer.SerializeToElement(Data(payload, context, import));
        if (!await store.EndAsync(
            tenant, id, ImportStatus.Completed, null, import.RowsDone, new OutgoingEvent(Completed, data), cancellationToken))
            throw new SnoozeJobException(Elsewhere);
        await PublishAsync(Completed, payload, context, data, cancellationToken);
        return Result(payload, import);
    }

    private async Task<ImportProgress> WriteAsync(
        ImportBatch batch, List<ContactRow> rows, ImportProgress before, ImportContacts payload, JobContext context, CancellationToken cancellationToken)
    {
        // The cursor was moved by somebody else: an attempt whose lease was lost is still at its last batch. Later, then.
        var after = await batch.WriteAsync(rows, before, cancellationToken) ?? throw new SnoozeJobException(Elsewhere);
        var imported = after.Imported - before.Imported;
        WorkerTelemetry.ImportRows.Add(imported, new KeyValuePair<string, object?>("outcome", "imported"));
        WorkerTelemetry.ImportRows.Add(after.Rejected - before.Rejected, new KeyValuePair<string, object?>("outcome", "rejected"));

        await context.ReportProgressAsync(after.RowsDone, after.RowsTotal, cancellationToken);
        if (imported > 0)
            await PublishAsync("contacts.changed", payload, context, new { count = imported }, cancellationToken);
        await PublishAsync("import.progress", payload, context, Data(payload, context, after), cancellationToken);
        return after;
    }

    private async Task PublishAsync(
        string type, ImportContacts payload, JobContext context, object data, CancellationToken cancellationToken)
    {
        var channel = type.StartsWith("import", StringComparison.Ordinal) ? $"import:{payload.ImportId}" : null;
        await events.PublishAsync(context.Tenant, new TenantEvent(type, JsonSerializer.SerializeToElement(data), channel), cancellationToken);
    }

    private static object Data(ImportContacts payload, JobContext context, ImportProgress import) => new
    {
        importId = payload.ImportId,
        jobId = context.JobId,
        imported = import.Imported,
        rejected = import.Rejected,
        total = import.RowsTotal,
    };

    private static object Result(ImportContacts payload, ImportProgress import) => new
    {
        importId = payload.ImportId,
        imported = import.Imported,
        rejected = import.Rejected,
        total = import.RowsDone,
    };
}
