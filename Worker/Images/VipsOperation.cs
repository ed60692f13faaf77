namespace Platform.Worker.Images;

/// <summary>One operation of libvips. What goes in by <see cref="Set(string, nint, int)"/> must stay in memory until it is disposed.</summary>
internal sealed class VipsOperation : IDisposable
{
    private readonly nint _handle;
    private VipsLibrary.Value _output;
    private bool _hasOutput;

    /// <param name="name">Its nickname: <c>thumbnail_buffer</c>.</param>
    public VipsOperation(string name)
    {
        _handle = VipsLibrary.NewOperation(name);
        if (_handle == 0)
            throw new PictureException(VipsLibrary.TakeError());
    }

    public VipsOperation Set(string name, string value)
    {
        if (VipsLibrary.SetArgument(_handle, name, value) != 0)
            throw new PictureException(VipsLibrary.TakeError());
        return this;
    }

    /// <summary>Bytes that libvips reads in place.</summary>
    public VipsOperation Set(string name, nint bytes, int length)
    {
        var value = default(VipsLibrary.Value);
        VipsLibrary.InitializeValue(ref value, VipsLibrary.GetBlobType());
        VipsLibrary.SetBlob(ref value, 0, bytes, (nuint)length);
        VipsLibrary.SetProperty(_handle, name, ref value);
        VipsLibrary.ReleaseValue(ref value);
        return this;
    }

    /// <summary>An image of another operation, which is kept as long as this one needs it.</summary>
    public VipsOperation SetImage(string name, nint image)
    {
        var value = default(VipsLibrary.Value);
        VipsLibrary.InitializeValue(ref value, VipsLibrary.ObjectType);
        VipsLibrary.SetObject(ref value, image);
        VipsLibrary.SetProperty(_handle, name, ref value);
        VipsLibrary.ReleaseValue(ref value);
        return this;
    }

    /// <summary>Runs it for the image it gives; pixels may be made later, when they are asked for.</summary>
    /// <exception cref="PictureException">It can't be done.</exception>
    public nint RunForImage()
    {
        Run("out", VipsLibrary.ObjectType);
        return VipsLibrary.GetObject(ref _output);
    }

    /// <summary>Runs it for the bytes it gives.</summary>
    /// <inheritdoc cref="RunForImage"/>
    public unsafe byte[] RunForBytes()
    {
        Run("buffer", VipsLibrary.GetBlobType());
        var bytes = VipsLibrary.GetBlob(ref _output, out var length);
        return new ReadOnlySpan<byte>((void*)bytes, checked((int)length)).ToArray();
    }

    public void Dispose()
    {
        if (_hasOutput)
            VipsLibrary.ReleaseValue(ref _output);
        VipsLibrary.ReleaseOutputs(_handle);
        VipsLibrary.Release(_handle);
    }

    private void Run(string output, nuint type)
    {
        if (VipsLibrary.Build(_handle) != 0)
            throw new PictureException(VipsLibrary.TakeError());
        VipsLibrary.InitializeValue(ref _output, type);
        _hasOutput = true;
        VipsLibrary.GetProperty(_handle, output, ref _output);
    }
}
