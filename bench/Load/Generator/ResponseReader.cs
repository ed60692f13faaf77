using System.Buffers.Text;

namespace Platform.Load.Generator;

/// <summary>Finds the end of an HTTP/1.1 answer, and no more of it than a load generator needs.</summary>
internal sealed class ResponseReader
{
    private int _bodyStart, _length, _place;

    public int Status { get; private set; }

    /// <summary>Of <c>X-Cache-Hit</c>; null without it.</summary>
    public bool? CacheHit { get; private set; }

    /// <summary>Whether the server closes the connection after this answer.</summary>
    public bool Closes { get; private set; }

    public void Reset() => (_bodyStart, Status, CacheHit, Closes) = (0, 0, null, false);

    /// <param name="data">All that has come since the request.</param>
    /// <returns>Length of the whole answer; 0 when some of it is still missing.</returns>
    /// <exception cref="InvalidDataException">It isn't an answer this reader understands.</exception>
    public int Read(ReadOnlySpan<byte> data)
    {
        if (_bodyStart == 0 && !ReadHead(data))
            return 0;
        if (_length >= 0)
            return data.Length >= _bodyStart + _length ? _bodyStart + _length : 0;
        while (true)
        {
            var line = data[_place..].IndexOf("\r\n"u8);
            if (line < 0)
                return 0;
            if (!Utf8Parser.TryParse(data.Slice(_place, line), out int size, out _, 'x'))
                throw new InvalidDataException("A chunk without a length.");
            var next = _place + line + 2 + size + 2;
            if (data.Length < next)
                return 0;
            if (size == 0)
                return next;
            _place = next;
        }
    }

    public ReadOnlySpan<byte> Body(ReadOnlySpan<byte> response) => response[_bodyStart..];

    private bool ReadHead(ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return false;
        if (!data.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(data[9..], out int status, out var digits) || digits != 3)
            throw new InvalidDataException("Not an HTTP/1.1 answer.");
        (Status, _bodyStart, _place) = (status, end + 4, end + 4);
        _length = status is 204 or 304 or < 200 ? 0 : -2;
        var head = data[..(end + 2)];
        while (head.IndexOf("\r\n"u8) is var line and >= 0)
        {
            ReadHeader(head[..line]);
            head = head[(line + 2)..];
        }

        return _length != -2 ? true : throw new InvalidDataException("An answer without a length.");
    }

    private void ReadHeader(ReadOnlySpan<byte> line)
    {
        if (Value(line, "content-length:"u8) is { Length: > 0 } length)
        {
            if (_length != 0 && Utf8Parser.TryParse(length, out int value, out _))
                _length = value;
        }
        else if (Value(line, "transfer-encoding:"u8) is { Length: > 0 })
            _length = -1;
        else if (Value(line, "x-cache-hit:"u8) is { Length: > 0 } hit)
            CacheHit = hit[0] is (byte)'t' or (byte)'T';
        else if (Value(line, "connection:"u8) is { Length: > 0 } connection)
            Closes = connection[0] is (byte)'c' or (byte)'C';
    }

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, ReadOnlySpan<byte> name) =>
        line.Length > name.Length && (line[0] | 0x20) == name[0] && System.Text.Ascii.EqualsIgnoreCase(line[..name.Length], name)
            ? line[name.Length..].TrimStart((byte)' ')
            : default;
}
