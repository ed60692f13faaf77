using System.Text;
using Platform.Data.Reports;

namespace Platform.Worker.Reports;

/// <summary>Cuts a text into pieces of <see cref="ReportFile.ChunkSize"/> bytes of UTF-8, keeping one in memory.</summary>
/// <param name="write">Takes a piece away; its memory is used again afterwards.</param>
internal sealed class ChunkedText(Func<int, ReadOnlyMemory<byte>, Task> write)
{
    private readonly byte[] _piece = new byte[ReportFile.ChunkSize];
    private int _filled, _number;

    /// <summary>Bytes of all that was added.</summary>
    public long Length { get; private set; }

    public async Task AddAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text).AsMemory();
        Length += bytes.Length;
        while (bytes.Length > 0)
        {
            var taken = Math.Min(bytes.Length, _piece.Length - _filled);
            bytes[..taken].CopyTo(_piece.AsMemory(_filled));
            _filled += taken;
            bytes = bytes[taken..];
            if (_filled == _piece.Length)
                await FlushAsync();
        }
    }

    /// <summary>Call it at the end.</summary>
    public async Task FlushAsync()
    {
        if (_filled == 0)
            return;
        await write(_number++, _piece.AsMemory(0, _filled));
        _filled = 0;
    }
}
