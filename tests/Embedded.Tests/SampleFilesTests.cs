using System.Text;
using System.Text.Json;

namespace Platform.Embedded.Tests;

/// <summary>
/// The expected results that stand beside the sample files, checked by the rules of samples/README.md, written down a second
/// time here.
/// </summary>
public sealed class SampleFilesTests
{
    [Theory]
    [InlineData("contacts-10k", 10_000, ',')]
    [InlineData("contacts-semicolon", 100, ';')]
    public void Sample_by_the_rules_gives_expected_rejections(string name, int rows, char separator)
    {
        var folder = Path.Combine(Checkout.Root!, "samples");
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, name + ".expected.json")));
        var records = Parse(File.ReadAllText(Path.Combine(folder, name + ".csv")), separator);

        Assert.Equal(["name", "email", "phone"], records[0]);
        var rejections = Import(records.Skip(1).ToList(), out var counted);

        Assert.Equal(rows, counted);
        Assert.Equal(rows, expected.RootElement.GetProperty("rows").GetInt32());
        Assert.Equal(rejections.Count, expected.RootElement.GetProperty("rejected").GetInt32());
        Assert.Equal(rows - rejections.Count, expected.RootElement.GetProperty("imported").GetInt32());
        Assert.Equal(
            rejections,
            expected.RootElement.GetProperty("rejections").EnumerateArray()
                .Select(item => (item.GetProperty("row").GetInt32(), item.GetProperty("reason").GetString()!)));
        Assert.All(expected.RootElement.GetProperty("reasons").EnumerateObject(), reason
            => Assert.Equal(rejections.Count(rejection => rejection.Reason == reason.Name), reason.Value.GetInt32()));
    }

    [Fact]
    public void Sample_10k_has_the_dirt_it_is_there_for()
    {
        var bytes = File.ReadAllBytes(Path.Combine(Checkout.Root!, "samples", "contacts-10k.csv"));
        var text = Encoding.UTF8.GetString(bytes);

        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        Assert.InRange(bytes.Length, 300_000, 1_200_000);
        string[] dirt =
        [
            "\r\n\r\n", "\r\n   \r\n", "\"\"", "Γ", "Д", "محمد", "太郎", "🚀", "Zoë", "; ", "DROP TABLE", "=1+1",
            "MAIL.EXAMPLE.NET", "0049 30",
        ];
        Assert.All(dirt, piece => Assert.Contains(piece, text, StringComparison.Ordinal));
    }

    private static List<(int Row, string Reason)> Import(IReadOnlyList<string[]> records, out int rows)
    {
        var (emails, phones) = (new HashSet<string>(StringComparer.OrdinalIgnoreCase), new HashSet<string>());
        var rejections = new List<(int, string)>();
        rows = 0;
        foreach (var record in records.Where(fields => fields.Length > 1 || fields[0].Trim() != ""))
        {
            rows++;
            if (Reject(record, emails, phones) is { } reason) rejections.Add((rows, reason));
        }
        return rejections;
    }

    private static string? Reject(string[] record, HashSet<string> emails, HashSet<string> phones)
    {
        if (record.Length != 3) return "wrong_number_of_columns";
        var (name, email) = (record[0].Trim(), record[1].Trim());
        var phone = string.Concat(record[2].Where(c => !char.IsWhiteSpace(c) && !"()-./".Contains(c)));
        if (email != "" && !IsEmail(email)) return "invalid_email";
        if (phone.StartsWith("00", StringComparison.Ordinal)) phone = "+" + phone[2..];
        var digits = phone.StartsWith('+') ? phone[1..] : phone;
        if (phone != "" && (digits.Length is < 7 or > 15 || !digits.All(char.IsAsciiDigit))) return "invalid_phone";
        if (name == "") return "missing_name";
        if (email == "" && phone == "") return "missing_email_and_phone";
        if (email != "" && emails.Contains(email)) return "duplicate_email";
        if (phone != "" && phones.Contains(phone)) return "duplicate_phone";
        emails.Add(email);
        phones.Add(phone);
        return null;
    }

    private static bool IsEmail(string email)
    {
        var parts = email.Split('@');
        return parts is [not "", var domain] && domain.Contains('.') && !domain.Split('.').Contains("")
            && !email.Any(char.IsWhiteSpace) && email.Length <= 254;
    }

    private static List<string[]> Parse(string text, char separator)
    {
        var (records, fields, field, quoted) = (new List<string[]>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"') field.Append(text[++i]);
            else if (c == '"') quoted = !quoted;
            else if (quoted) field.Append(c);
            else if (c == separator || c == '\n')
            {
                fields.Add(field.ToString());
                field.Clear();
                if (c != '\n') continue;
                records.Add([.. fields]);
                fields.Clear();
            }
            else if (c != '\r') field.Append(c);
        }
        return records;
    }
}
