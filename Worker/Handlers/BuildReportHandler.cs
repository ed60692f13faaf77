using System.Text.Json;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Platform.Caching;
using Platform.Data.Reports;
using Platform.Events;
using Platform.Jobs;
using Platform.Tenancy;
using Platform.Worker.Reports;

namespace Platform.Worker.Handlers;

/// <summary>
/// Writes a report's file: rows come from one snapshot and go out in pieces, so a report of a million rows takes no more memory than
/// one of ten. Every attempt starts over.
/// </summary>
internal sealed class BuildReportHandler(
    ReportStore store, TenantCache cache, ITenantEvents events, IOptions<ReportOptions> options, TimeProvider time)
    : IJobHandler<BuildReport>
{
    private const int RowsPerProgress = 500;

    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(2);

    public async Task<object?> RunAsync(BuildReport payload, JobContext context, CancellationToken cancellationToken)
    {
        var (tenant, id) = (context.Tenant, payload.ReportId);
        if (await store.StartAsync(tenant, id, cancellationToken) is not { } report)
            return null; // Its author deleted it.
        switch (report.Status)
        {
            // An earlier attempt did it all and died before it could say so.
            case ReportStatus.Completed:
                return Result(report, report.Rows);
            case not ReportStatus.Running:
                throw new PermanentJobException("The report has ended already.");
        }
        try
        {
            await TellAsync(tenant, report, ReportStatus.Running, 0);
            var rows = await BuildAsync(report, context, cancellationToken);
            await TellAsync(tenant, report, ReportStatus.Completed, rows);
            return Result(report, rows);
        }
        catch (PermanentJobException e)
        {
            await EndAsync(ReportStatus.Failed, e.Message);
            throw;
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            await EndAsync(ReportStatus.Cancelled, null);
            throw;
        }
        catch (Exception e) when (e is not (OperationCanceledException or SnoozeJobException) && context.IsLastAttempt)
        {
            await EndAsync(ReportStatus.Failed, "The report could not be written.");
            throw;
        }

        async Task EndAsync(string status, string? error)
        {
            await store.EndAsync(tenant, id, status, error, CancellationToken.None);
            await TellAsync(tenant, report, status, 0);
        }
    }

    private async Task<long> BuildAsync(StartedReport report, JobContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;
        var source = ReportSource.For(report.Kind) ?? throw new PermanentJobException($"There are no reports of kind '{report.Kind}'.");
        var file = new ChunkedText(async (number, content) =>
        {
            if (!await store.AddChunkAsync(tenant, report, number, content, cancellationToken))
                throw new SnoozeJobException(Elsewhere); // Deleted, or taken over: whoever is next will see which.
        });
        await file.AddAsync(ReportText.Start + source.Columns + ReportText.LineEnd);

        var (done, total) = (0L, 0L);
        await using (var snapshot = await store.OpenSnapshotAsync(tenant, cancellationToken))
        {
            await using (var count = CreateCommand(snapshot, source.CountSql, tenant, report.Parameters))
                total = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
            await context.ReportProgressAsync(0, total, cancellationToken);
            await using var select = CreateCommand(snapshot, source.SelectSql, tenant, report.Parameters);
            await using var row = await select.ExecuteReaderAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                await file.AddAsync(ReportText.Line(row));
                if (++done % RowsPerProgress == 0)
                    await context.ReportProgressAsync(done, total, cancellationToken);
            }
        }
        await file.FlushAsync();
        await context.ReportProgressAsync(done, total, cancellationToken);
        var name = $"{report.Kind}-{time.GetUtcNow():yyyy-MM-dd}.csv";
        return await store.CompleteAsync(tenant, report, done, name, file.Length, options.Value.KeepFor, cancellationToken)
            ? done
            : throw new SnoozeJobException(Elsewhere);
    }

    private static NpgsqlCommand CreateCommand(NpgsqlConnection snapshot, string sql, TenantId tenant, ReportParameters parameters)
    {
        // How long it may take is the job's own time limit.
        var command = new NpgsqlCommand(sql, snapshot) { CommandTimeout = 0 };
        command.Parameters.AddWithValue(tenant.Value);
        Add(NpgsqlDbType.TimestampTz, parameters.From?.UtcDateTime);
        Add(NpgsqlDbType.TimestampTz, parameters.To?.UtcDateTime);
        Add(NpgsqlDbType.Text, parameters.Status);
        return command;

        void Add(NpgsqlDbType type, object? value) =>
            command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type, Value = value ?? DBNull.Value });
    }

    /// <summary>Drops cached answers, then tells the tenant's users. What is told is done already, hence no token.</summary>
    private async Task TellAsync(TenantId tenant, StartedReport report, string status, long rows)
    {
        await cache.InvalidateAsync(CacheTag.For(tenant, ReportFile.CacheSubject));
        var data = JsonSerializer.SerializeToElement(new { report.Id, report.Kind, report.Title, status, rows }, JsonSerializerOptions.Web);
        await events.PublishAsync(tenant, new TenantEvent($"report.{status}", data), CancellationToken.None);
    }

    private static object Result(StartedReport report, long rows) => new { reportId = report.Id, rows };
}
