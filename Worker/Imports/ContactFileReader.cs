using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Platform.Data.Imports;
using Platform.Jobs;

namespace Platform.Worker.Imports;

/// <summary>
/// Reads a contact file row by row: UTF-8 with or without byte-order mark, separated by <c>,</c> or <c>;</c>, quoted fields
/// with separators, newlines and doubled quotes. Holds one row at a time.
/// </summary>
internal static class ContactFileReader
{
    /// <summary>Characters of one field; more means that a quote was left open.</summary>
    private const int MaxFieldLength = 64 * 1024;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <param name="skip">Rows at the start that were done before.</param>
    /// <exception cref="PermanentJobException">It is no contact file; the message says why, for the person who uploaded it.</exception>
    public static async IAsyncEnumerable<ContactRow> ReadAsync(
        Stream file, long skip, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new PeekableReader(new StreamReader(file, StrictUtf8, detectEncodingFromByteOrderMarks: false, bufferSize: 32 * 1024));
        var header = await ReadHeaderAsync(text, cancellationToken);
        await using var rows = ReadRecordsAsync(text, header, cancellationToken).GetAsyncEnumerator(cancellationToken);
        Func<ValueTask<bool>> next = rows.MoveNextAsync;
        var isHeader = true;
        long number = 0;
        while (await NextAsync(next, number))
        {
            var (fields, line) = rows.Current;
            if (fields is [var only] && string.IsNullOrWhiteSpace(only))
                continue;
            if (isHeader)
            {
                isHeader = false;
                continue;
            }

            number++;
            if (number <= skip)
                continue;
            var (contact, rejection) = ContactRowRules.Check(fields, header);
            yield return new ContactRow(number, line, contact, rejection);
        }
    }

    /// <summary>Reads the whole file and counts its rows, so that a broken one is refused before anything is imported.</summary>
    public static async Task<long> CountAsync(Stream file, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (var row in ReadAsync(file, 0, cancellationToken))
            count = row.Number;
        return count;
    }

    private static async ValueTask<ContactFileHeader> ReadHeaderAsync(PeekableReader text, CancellationToken cancellationToken)
    {
        var start = ReadOnlyMemory<char>.Empty;
        await NextAsync(async () => !(start = await text.PeekAsync(cancellationToken)).IsEmpty, 0);
        var line = start.Span.TrimStart("\uFEFF\r\n\t ");
        if (line.IsEmpty)
            throw new PermanentJobException("The file is empty.");
        var end = line.IndexOfAny('\r', '\n');
        return ContactFileHeader.Parse(end < 0 ? line : line[..end]) ?? throw new PermanentJobException(ContactFileHeader.Requirement);
    }

    private static async ValueTask<T> NextAsync<T>(Func<ValueTask<T>> read, long number)
    {
        try
        {
            return await read();
        }
        catch (DecoderFallbackException e)
        {
            throw new PermanentJobException($"The file is not valid UTF-8 after row {number}. Save it as UTF-8 and upload it again.", e);
        }
        catch (MaxFieldSizeException e)
        {
            throw new PermanentJobException($"A field after row {number} has no end: a quote was opened and never closed.", e);
        }
    }

    private static async IAsyncEnumerable<(string[] Fields, string Line)> ReadRecordsAsync(
        PeekableReader text, ContactFileHeader header, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = header.Separator.ToString(),
            HasHeaderRecord = false,
            IgnoreBlankLines = true,
            BadDataFound = null,
            MaxFieldSize = MaxFieldLength,
            BufferSize = 32 * 1024,
        };
        using var parser = new CsvParser(text, configuration);
        while (await parser.ReadAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return (parser.Record!, parser.RawRecord);
        }
    }
}
