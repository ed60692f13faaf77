using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
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
        await using var rows = ReadRecordsAsync(file, cancellationToken).GetAsyncEnumerator(cancellationToken);
        ContactColumns? columns = null;
        long number = 0;
        while (true)
        {
            if (!await NextAsync(rows, number))
                break;
            var (fields, line) = rows.Current;
            if (fields is [var only] && string.IsNullOrWhiteSpace(only))
                continue;
            if (columns is null)
            {
                columns = ContactColumns.Find(fields)
                    ?? throw new PermanentJobException("The first row of the file must name its columns: name, email and phone.");
                continue;
            }

            number++;
            if (number <= skip)
                continue;
            var (contact, rejection) = ContactRowRules.Check(fields, columns);
            yield return new ContactRow(number, line, contact, rejection);
        }

        if (columns is null)
            throw new PermanentJobException("The file is empty.");
    }

    /// <summary>Reads the whole file and counts its rows, so that a broken one is refused before anything is imported.</summary>
    public static async Task<long> CountAsync(Stream file, CancellationToken cancellationToken)
    {
        long count = 0;
        await foreach (var row in ReadAsync(file, 0, cancellationToken))
            count = row.Number;
        return count;
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<(string[], string)> rows, long number)
    {
        try
        {
            return await rows.MoveNextAsync();
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
        Stream file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var text = new PeekableReader(new StreamReader(file, StrictUtf8, detectEncodingFromByteOrderMarks: false, bufferSize: 32 * 1024));
        var header = await text.PeekAsync(cancellationToken);
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            Delimiter = Separator(header),
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

    // The header has no quoted separators: whichever of the two it has more of is the file's.
    private static string Separator(ReadOnlyMemory<char> start)
    {
        var line = start.Span;
        var end = line.IndexOfAny('\r', '\n');
        if (end >= 0)
            line = line[..end];
        return line.Count(';') > line.Count(',') ? ";" : ",";
    }
}
