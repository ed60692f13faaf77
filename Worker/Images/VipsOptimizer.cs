using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Platform.Data.Images;

namespace Platform.Worker.Images;

/// <summary>Has libvips do it, a process a picture (<see cref="ImageCommand"/>).</summary>
internal sealed class VipsOptimizer(IOptions<ImageOptions> options) : IImageOptimizer
{
    /// <summary>What the process is told of this one's environment: where .NET and libraries are.</summary>
    private static readonly string[] Inherited =
        ["PATH", "HOME", "TMPDIR", "TEMP", "SystemRoot", "DOTNET_ROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"];

    private readonly Lock _gate = new();
    private Task<string?>? _check;

    public async ValueTask<string?> CheckAsync(CancellationToken cancellationToken)
    {
        Task<string?> check;
        lock (_gate)
            check = _check ??= ProbeAsync();
        return await check.WaitAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<OptimizedImage>> RunAsync(
        byte[] file, IReadOnlyList<ImageTarget> targets, CancellationToken cancellationToken)
    {
        var (code, output, error) = await StartAsync(file, targets.Select(ImageCommand.Write), cancellationToken);
        return code switch
        {
            0 => Read(output, targets),
            ImageCommand.Refused => throw new PictureException(error),
            _ => throw new IOException($"The image process ended with {code}: {error}"),
        };
    }

    private async Task<string?> ProbeAsync()
    {
        try
        {
            var (code, _, error) = await StartAsync([], [], CancellationToken.None);
            return code switch { 0 => null, ImageCommand.Unavailable => error, _ => $"The image process ended with {code}: {error}" };
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            return e.Message;
        }
    }

    private static List<OptimizedImage> Read(byte[] output, IReadOnlyList<ImageTarget> targets)
    {
        using var reader = new BinaryReader(new MemoryStream(output));
        var images = new List<OptimizedImage>(targets.Count);
        foreach (var target in targets)
        {
            var (width, height, length) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
            images.Add(new OptimizedImage(target, width, height, reader.ReadBytes(length)));
        }
        return images;
    }

    private async Task<(int Code, byte[] Output, string Error)> StartAsync(
        byte[] input, IEnumerable<string> targets, CancellationToken cancellationToken)
    {
        using var process = new Process { StartInfo = CreateStart(targets) };
        process.Start();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(options.Value.Timeout);
        try
        {
            using var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, deadline.Token);
            var complaint = process.StandardError.ReadToEndAsync(deadline.Token);
            await WriteAsync(process.StandardInput.BaseStream, input, deadline.Token);
            await reading;
            await process.WaitForExitAsync(deadline.Token);
            var error = (await complaint).ReplaceLineEndings(" ").Trim();
            return (process.ExitCode, output.ToArray(), error.Length > 300 ? error[..300] : error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"The image process took longer than {options.Value.Timeout.TotalSeconds:0} s.");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }

    private static async Task WriteAsync(Stream stream, byte[] input, CancellationToken cancellationToken)
    {
        try
        {
            await using (stream)
                await stream.WriteAsync(input, cancellationToken);
        }
        catch (IOException)
        {
            // It ended without reading: its exit code says why.
        }
    }

    private ProcessStartInfo CreateStart(IEnumerable<string> targets)
    {
        var assembly = typeof(ImageCommand).Assembly;
        var self = Environment.ProcessPath ?? "dotnet";
        var start = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(self) == assembly.GetName().Name)
        {
            start.FileName = self;
        }
        else
        {
            start.FileName = Path.GetFileNameWithoutExtension(self) == "dotnet" ? self : "dotnet";
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(assembly.Location);
        }
        foreach (var argument in (IEnumerable<string>)
            [ImageCommand.Name, options.Value.Library, options.Value.MaxPixels.ToString(CultureInfo.InvariantCulture), .. targets])
            start.ArgumentList.Add(argument);

        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        // A short life of a few allocations: no diagnostics port, no tiers, no heap for each processor.
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)
            [("DOTNET_EnableDiagnostics", "0"), ("DOTNET_gcServer", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_GCHeapHardLimit", "0x8000000"), ("DOTNET_TieredPGO", "0"), ("DOTNET_EnableWriteXorExecute", "0")])
            start.Environment[name] = value;
        return start;
    }
}
