namespace Platform.Worker.Imports;

/// <summary>A reader whose beginning can be looked at before it is read.</summary>
internal sealed class PeekableReader(TextReader inner) : TextReader
{
    private readonly char[] _buffer = new char[4096];
    private int _start;
    private int _end;

    /// <summary>The first few thousand characters, fewer at the end of the text.</summary>
    public async ValueTask<ReadOnlyMemory<char>> PeekAsync(CancellationToken cancellationToken)
    {
        if (_end == 0)
            _end = await inner.ReadBlockAsync(_buffer, cancellationToken);
        return _buffer.AsMemory(_start, _end - _start);
    }

    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        if (_start == _end)
            return await inner.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _end - _start);
        _buffer.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override Task<int> ReadAsync(char[] buffer, int index, int count) =>
        ReadAsync(buffer.AsMemory(index, count)).AsTask();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
