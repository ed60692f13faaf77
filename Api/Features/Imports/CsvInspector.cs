using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Platform.Data.Imports;

namespace Platform.Api.Features.Imports;

/// <summary>
/// Looks at an upload as it streams by and says early what can't be a contact file. It reads no row but the header; what
/// is wrong with single rows is found by the import itself.
/// </summary>
internal sealed class CsvInspector
{
    private const int MaxHeaderBytes = 64 * 1024;

    private readonly ArrayBufferWriter<byte> _start = new();
    private readonly byte[] _pending = new byte[4];
    private int _pendingCount;
    private bool _headerEnded;

    /// <summary>Bytes seen.</summary>
    public long Length { get; private set; }

    /// <returns>Why the file can't be imported; null as long as it may be.</returns>
    public string? Add(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return null;
        if (Length < 4 && Signature(bytes) is { } known)
            return known;
        if (bytes.Contains((byte)0))
            return "The file is binary or in UTF-16: save it as CSV in UTF-8.";
        if (!IsUtf8(bytes))
            return $"The file isn't UTF-8: near byte {Length + 1:N0} there is a character in another encoding. Save it as CSV in UTF-8.";
        Length += bytes.Length;
        return _headerEnded ? null : AddToHeader(bytes);
    }

    /// <summary>Call once all bytes have been added.</summary>
    /// <inheritdoc cref="Add"/>
    public string? Complete() => this switch
    {
        { Length: 0 } => "The file is empty.",
        { _pendingCount: > 0 } => "The file isn't UTF-8: it ends in the middle of a character.",
        { _headerEnded: false } => CheckHeader(_start.WrittenSpan),
        _ => null,
    };

    private static string? Signature(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] => "The file is in UTF-16: save it as CSV in UTF-8.",
        [(byte)'P', (byte)'K', 3, 4, ..] => "The file is a workbook or an archive, not a CSV: export the sheet as CSV in UTF-8.",
        [0xD0, 0xCF, 0x11, 0xE0, ..] => "The file is an old Excel workbook, not a CSV: export the sheet as CSV in UTF-8.",
        _ => null,
    };

    // A character may be cut in two between buffers: its first bytes wait for the rest.
    private bool IsUtf8(ReadOnlySpan<byte> bytes)
    {
        while (_pendingCount > 0)
        {
            if (bytes.IsEmpty)
                return true;
            _pending[_pendingCount++] = bytes[0];
            bytes = bytes[1..];
            var status = Rune.DecodeFromUtf8(_pending.AsSpan(0, _pendingCount), out _, out _);
            if (status == OperationStatus.InvalidData)
                return false;
            if (status == OperationStatus.Done)
                _pendingCount = 0;
        }
        var tail = IncompleteTail(bytes);
        bytes[^tail..].CopyTo(_pending);
        _pendingCount = tail;
        return Utf8.IsValid(bytes[..^tail]);
    }

    private static int IncompleteTail(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var length = bytes[^back] switch { >= 0xF0 => 4, >= 0xE0 => 3, >= 0xC0 => 2, >= 0x80 => 0, _ => 1 };
            if (length > 0)
                return length > back ? back : 0;
        }
        return 0;
    }

    private string? AddToHeader(ReadOnlySpan<byte> bytes)
    {
        _start.Write(bytes[..Math.Min(bytes.Length, MaxHeaderBytes - _start.WrittenCount)]);
        var start = _start.WrittenSpan;
        var from = LineStart(start);
        var end = from < start.Length ? start[from..].IndexOfAny((byte)'\n', (byte)'\r') : -1;
        if (end < 0 && start.Length < MaxHeaderBytes)
            return null;
        _headerEnded = true;
        return end < 0 ? ContactFileHeader.Requirement : CheckHeader(start[..(from + end)]);
    }

    /// <summary>Empty lines may stand before the header.</summary>
    private static int LineStart(ReadOnlySpan<byte> start)
    {
        var from = start.StartsWith(Encoding.UTF8.Preamble) ? 3 : 0;
        while (from < start.Length && start[from] is (byte)'\n' or (byte)'\r')
            from++;
        return from;
    }

    private static string? CheckHeader(ReadOnlySpan<byte> start)
    {
        var line = Encoding.UTF8.GetString(start[LineStart(start)..]).TrimEnd('\r', '\n');
        return ContactFileHeader.Parse(line) is null ? ContactFileHeader.Requirement : null;
    }
}
