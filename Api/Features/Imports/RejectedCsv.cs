using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Platform.Data;
using Platform.Data.Reports;

namespace Platform.Api.Features.Imports;

/// <summary>The rejected rows as a CSV file, streamed as the database gives them.</summary>
internal static class RejectedCsv
{
    /// <summary>Index: import_rejections_pkey.</summary>
    public static async Task WriteAsync(
        HttpContext context, PlatformDb db, Guid importId, string fileName, CancellationToken cancellationToken)
    {
        context.Response.ContentType = "text/csv; charset=utf-8";
        context.Response.Headers.CacheControl = "private, no-cache";
        var disposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName($"rejected-{Path.GetFileNameWithoutExtension(fileName)}.csv");
        context.Response.Headers.ContentDisposition = disposition.ToString();

        // The byte-order mark tells spreadsheets the encoding.
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: true);
        await using var writer = new StreamWriter(context.Response.Body, encoding, leaveOpen: true);
        writer.NewLine = "\r\n";
        await writer.WriteLineAsync("row,reason,line".AsMemory(), cancellationToken);
        var rows = db.ImportRejections.Where(row => row.ImportId == importId).OrderBy(row => row.RowNumber).AsAsyncEnumerable();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            var line = string.Create(
                CultureInfo.InvariantCulture, $"{row.RowNumber},{CsvCell.Quote(row.Reason)},{CsvCell.Quote(row.Line)}");
            await writer.WriteLineAsync(line.AsMemory(), cancellationToken);
        }
    }
}
