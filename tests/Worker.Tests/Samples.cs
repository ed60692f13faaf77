using System.Text.Json;

namespace Platform.Worker.Tests;

/// <summary>The sample files and what importing them into an empty tenant must give.</summary>
internal sealed record Samples(byte[] File, long Rows, long Imported, long Rejected, IReadOnlyList<(long Row, string Reason)> Rejections)
{
    public static Samples Read(string name)
    {
        var folder = Folder();
        using var expected = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(folder, $"{name}.expected.json")));
        var root = expected.RootElement;
        return new Samples(
            System.IO.File.ReadAllBytes(Path.Combine(folder, $"{name}.csv")),
            root.GetProperty("rows").GetInt64(),
            root.GetProperty("imported").GetInt64(),
            root.GetProperty("rejected").GetInt64(),
            [.. root.GetProperty("rejections").EnumerateArray().Select(r => (r.GetProperty("row").GetInt64(), r.GetProperty("reason").GetString()!))]);
    }

    public static string Folder()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(Path.Combine(folder, "samples")))
                return Path.Combine(folder, "samples");
        }

        throw new DirectoryNotFoundException("No folder 'samples' above the tests.");
    }
}
