using System.Text;
using System.Text.Json;

namespace Platform.EndToEnd.Tests;

/// <summary>The sample files of the repository, and files made for one test.</summary>
internal static class Samples
{
    private static readonly string Folder = Path.Combine(Root, "samples");

    /// <summary>The checkout the tests run from.</summary>
    public static string Root => FindRoot();

    public static string Contacts10k => Path.Combine(Folder, "contacts-10k.csv");

    public static string Portrait => Path.Combine(Folder, "portrait.jpg");

    /// <summary>What a right import of <see cref="Contacts10k"/> into an empty tenant must count.</summary>
    public static (int Imported, int Rejected) Contacts10kExpected
    {
        get
        {
            using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "contacts-10k.expected.json")));
            return (expected.RootElement.GetProperty("imported").GetInt32(), expected.RootElement.GetProperty("rejected").GetInt32());
        }
    }

    /// <summary>Rows that are all good and that no other call of this makes again.</summary>
    public static byte[] Rows(int count)
    {
        var mark = Guid.CreateVersion7().ToString("N")[^12..];
        var text = new StringBuilder("name,email,phone\n", count * 48);
        for (var i = 0; i < count; i++)
            text.Append("Row ").Append(i).Append(",row").Append(i).Append('.').Append(mark).Append("@example.com,\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Platform.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests don't run from a checkout.");
    }
}
