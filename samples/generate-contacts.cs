// Writes a contacts file with the dirt real ones have, the same for the same arguments, and says what an import must make of it.
//
//   dotnet run samples/generate-contacts.cs -- 10000 --output contacts.csv --expected contacts.expected.json
//
// See samples/README.md for the options and for the rules behind the expected counts.

#:property PublishAot=false

using System.Globalization;
using System.Text;
using System.Text.Json;

var rows = 10_000;
var seed = 1UL;
var separator = ',';
var plain = false;
string? outputPath = null, expectedPath = null;
for (var i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--seed": seed = ulong.Parse(args[++i], CultureInfo.InvariantCulture); break;
        case "--separator": separator = args[++i].Single(); break;
        case "--plain": plain = true; break;
        case "--output": outputPath = args[++i]; break;
        case "--expected": expectedPath = args[++i]; break;
        default: rows = int.Parse(args[i], CultureInfo.InvariantCulture); break;
    }
}

using var stream = outputPath is null ? Console.OpenStandardOutput() : File.Create(outputPath);
using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: !plain), 1 << 16);
var contacts = new ContactsFile(writer, seed, separator, plain ? "\n" : "\r\n");
contacts.Write(rows);
writer.Flush();

var reasons = new SortedDictionary<string, int>(
    contacts.Rejections.CountBy(rejection => rejection.Reason).ToDictionary(), StringComparer.Ordinal);
var expected = new
{
    rows,
    imported = rows - contacts.Rejections.Count,
    rejected = contacts.Rejections.Count,
    reasons,
    rejections = contacts.Rejections.Select(rejection => new { row = rejection.Row, reason = rejection.Reason }),
};
var summary = string.Join(", ", reasons.Select(reason => $"{reason.Key} {reason.Value}"));
Console.Error.WriteLine($"{rows} rows: {expected.imported} good, {expected.rejected} bad ({summary})");
if (expectedPath is not null)
{
    var format = new JsonSerializerOptions { WriteIndented = rows <= 100 };
    File.WriteAllText(expectedPath, JsonSerializer.Serialize(expected, format) + "\n");
}

/// <summary>Writes the rows one by one, so any number of them takes the same memory; keeps only what was rejected.</summary>
internal sealed class ContactsFile(TextWriter writer, ulong seed, char separator, string newLine)
{
    private const int RememberedContacts = 50;

    private static readonly (string[] First, string[] Last)[] Names =
    [
        (["Anna", "James", "Maria", "John", "Emma", "Peter"], ["Miller", "Smith", "Johnson", "Brown", "O'Brien", "McDonald"]),
        (["Jürgen", "Zoë", "François", "Łukasz", "Søren", "Ñandu"], ["Müller", "Nuñez", "Lefèvre", "Wójcik", "Ångström", "Şahin"]),
        (["Γιώργος", "Ελένη", "Νίκος"], ["Παπαδόπουλος", "Αγγελόπουλος", "Μακρή"]),
        (["Анна", "Дмитрий", "Ольга"], ["Иванова", "Соколов", "Шевченко"]),
        (["محمد", "فاطمة", "يوسف"], ["الأحمد", "حسن", "العلي"]),
        (["伟", "芳", "太郎", "花子", "민준"], ["王", "李", "山田", "佐藤", "김"]),
        (["Sunny", "Rocket", "Lucky"], ["☀️", "🚀 Labs", "🍀🍀"]),
    ];

    // Names are data: what would be code elsewhere must come through as it is.
    private static readonly string[] Hostile =
    [
        "Robert'); DROP TABLE contacts;--", "<script>alert(1)</script>", "=1+1", "@SUM(A1:A9)", "{{7*7}}", "NULL", "../../etc/passwd",
    ];

    private static readonly string[] BadEmails =
    [
        "anna", "anna@", "@example.com", "anna@@example.com", "anna@example", "anna smith@example.com", "anna@.com", "anna@example.",
        "anna@exa..mple.com", "mailto:a b@example.com",
    ];

    private static readonly string[] BadPhones =
    [
        "12345", "call me", "+49 30 12345678 ext. 9", "1234567890123456", "++49301234567", "030/12x4567", "n/a", "49+301234567",
    ];

    private readonly List<(string Email, string Phone)> _accepted = [];
    private readonly Queue<string> _unclaimed = [];
    private ulong _state = seed;
    private int _row;

    public List<(int Row, string Reason)> Rejections { get; } = [];

    public void Write(int rows)
    {
        WriteLine($"name{separator}email{separator}phone");
        for (_row = 1; _row <= rows; _row++)
        {
            if (Chance(150)) WriteLine(Chance(2) ? "" : "   ");
            if (Chance(17) && _accepted.Count > 0) WriteBad();
            else WriteGood();
        }
    }

    private void WriteGood()
    {
        var (email, phone) = (Email(), Phone());
        // The address of a row that was rejected is still free.
        if (Chance(20) && _unclaimed.TryDequeue(out var unclaimed)) email = unclaimed;
        if (Chance(12)) phone = "";
        else if (Chance(12)) email = "";

        if (email != "" && phone != "") _accepted.Add((email, phone));
        if (_accepted.Count > RememberedContacts) _accepted.RemoveAt(Next(RememberedContacts));
        WriteRow(Name(), Padded(email), phone == "" ? "" : Formatted(phone));
    }

    private void WriteBad()
    {
        switch (Next(8))
        {
            case 0:
                Reject("invalid_email", Name(), Pick(BadEmails), Formatted(Phone()));
                break;
            case 1:
                var address = Email();
                _unclaimed.Enqueue(address);
                Reject("invalid_phone", Name(), address, Pick(BadPhones));
                break;
            case 2:
                Reject("missing_name", Chance(2) ? "" : "  ", Email(), Phone());
                break;
            case 3:
                Reject("missing_email_and_phone", Name(), "", Chance(2) ? "" : "  ");
                break;
            case 4:
                var email = Pick(_accepted).Email;
                var (name, again) = (Name(), Chance(2) && Ascii.IsValid(email) ? email.ToUpperInvariant() : Padded(email));
                Reject("duplicate_email", name, again, Chance(2) ? Phone() : "");
                break;
            case 5:
                Reject("duplicate_phone", Name(), Chance(2) ? Email() : "", Formatted(Pick(_accepted).Phone));
                break;
            case 6:
                var tooMany = !Chance(2);
                Rejections.Add((_row, "wrong_number_of_columns"));
                WriteLine($"{Quoted(Name())}{separator}{Email()}{(tooMany ? $"{separator}{Phone()}{separator}extra" : "")}");
                break;
            default:
                // Wrong in several ways: the first rule in the order of the list gives the reason.
                Reject("invalid_email", "", Pick(BadEmails), Pick(BadPhones));
                break;
        }
    }

    private void Reject(string reason, string name, string email, string phone)
    {
        Rejections.Add((_row, reason));
        WriteRow(name, email, phone);
    }

    private void WriteRow(string name, string email, string phone)
    {
        writer.Write(Quoted(name));
        writer.Write(separator);
        writer.Write(Quoted(email));
        writer.Write(separator);
        writer.Write(Quoted(phone));
        writer.Write(newLine);
    }

    private void WriteLine(string line)
    {
        writer.Write(line);
        writer.Write(newLine);
    }

    private string Name()
    {
        if (Chance(200)) return Pick(Hostile);
        var (firsts, lasts) = Chance(3) ? Names[Next(Names.Length)] : Names[0];
        var (first, last) = (Pick(firsts), Pick(lasts));
        return Next(20) switch
        {
            0 => $"{last}, {first}",
            1 => $"{first} \"{first[..1]}\" {last}",
            2 => $"{first}\n{last}",
            3 => $"  {first} {last} ",
            4 => $"{last}; {first}",
            _ => $"{first} {last}",
        };
    }

    // The row's number makes both unlike any other row's, in files of up to ten million rows.
    private string Email()
    {
        var local = $"{Pick(Names[0].First).ToLowerInvariant()}.{_row}";
        return $"{local}@{(Chance(20) ? "büro.example" : Pick("example.com", "example.org", "mail.example.net"))}";
    }

    private string Phone() => string.Create(CultureInfo.InvariantCulture, $"+4930{_row:D7}");

    private string Formatted(string phone) => Next(6) switch
    {
        0 => $"+49 (30) {phone[5..8]} {phone[8..]}",
        1 => $"+49-30-{phone[5..9]}-{phone[9..]}",
        2 => $"+49 30/{phone[5..]}",
        3 => $" +49.30.{phone[5..]} ",
        4 => $"0049 30 {phone[5..]}",
        _ => phone,
    };

    private string Padded(string text) => Chance(15) ? $" {text}\t" : text;

    private string Quoted(string field)
    {
        var needed = field.AsSpan().ContainsAny(separator, '"', '\n');
        return needed || Chance(40) ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
    }

    private bool Chance(int oneIn) => Next(oneIn) == 0;

    private T Pick<T>(params IReadOnlyList<T> items) => items[Next(items.Count)];

    // SplitMix64: Random's algorithm may change between versions of .NET, the file must not.
    private int Next(int limit)
    {
        _state += 0x9E3779B97F4A7C15;
        var bits = _state;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return (int)((bits ^ (bits >> 31)) % (ulong)limit);
    }
}
