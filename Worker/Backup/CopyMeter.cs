using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Platform.Worker.Backup;

/// <summary>Measures rows in the form of binary COPY as they pass: their number, their bytes, their SHA-256.</summary>
internal sealed class CopyMeter : IDisposable
{
    // "PGCOPY\n\377\r\n\0", flags, length of the header's extension.
    private const int HeaderLength = 19;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _number = new byte[4];
    private int _have;
    private long _skip = HeaderLength;
    private int _fields = -1;

    public long Rows { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>True once the mark has passed that stands behind the last row.</summary>
    public bool IsComplete { get; private set; }

    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    public void Add(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        Bytes += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_skip > 0)
            {
                var skipped = (int)Math.Min(_skip, bytes.Length);
                _skip -= skipped;
                bytes = bytes[skipped..];
                continue;
            }
            // A row is the number of its fields (2 bytes; -1 ends the rows), then each field's length (4 bytes; -1 is NULL) and content.
            var size = _fields < 0 ? 2 : 4;
            var taken = Math.Min(size - _have, bytes.Length);
            bytes[..taken].CopyTo(_number.AsSpan(_have));
            _have += taken;
            bytes = bytes[taken..];
            if (_have < size)
                return;
            _have = 0;
            Take(size);
        }
    }

    public void Dispose() => _hash.Dispose();

    private void Take(int size)
    {
        if (size == 2)
        {
            _fields = BinaryPrimitives.ReadInt16BigEndian(_number);
            IsComplete = _fields < 0;
            if (!IsComplete)
                Rows++;
        }
        else
        {
            _skip = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(_number));
            _fields--;
        }
        if (_fields == 0)
            _fields = -1;
    }
}
