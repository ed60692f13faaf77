namespace Platform.Worker.Imports;

/// <summary>An uploaded file, read forwards from its pieces in the database; holds one piece at a time.</summary>
/// <param name="next">Gives a piece by its number; null after the last.</param>
internal sealed class ImportFileStream(Func<int, CancellationToken, Task<byte[]?>> next) : Stream
{
    private ReadOnlyMemory<byte> _piece;
    private int _number;
    private bool _ended;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_piece.IsEmpty && !_ended)
        {
            var piece = await next(_number, cancellationToken);
            _ended = piece is null;
            _piece = piece;
            _number++;
        }

        var count = Math.Min(buffer.Length, _piece.Length);
        _piece[..count].CopyTo(buffer);
        _piece = _piece[count..];
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
