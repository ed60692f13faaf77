using System.Text.RegularExpressions;
using Platform.Data.Contacts;
using Platform.Data.Imports;

namespace Platform.Worker.Imports;

/// <summary>Judges a record by the rules every contact has to pass, and names the first that it fails.</summary>
internal static partial class ContactRowRules
{
    /// <param name="header">Where name, e-mail and phone stand in the record.</param>
    public static (ContactFields? Contact, string? Rejection) Check(IReadOnlyList<string> fields, ContactFileHeader header)
    {
        if (fields.Count != header.Columns)
            return (null, RejectionReasons.WrongNumberOfColumns);
        // Spreadsheets let a name span lines; a contact's name is one line.
        var name = LineBreaks().Replace(fields[header.Name], " ");
        var (email, phone) = (FieldAt(header.Email), FieldAt(header.Phone));
        var errors = ContactRules.Check(name, email, phone, out var contact);
        if (contact is not null)
            return (contact, null);

        string? FieldAt(int column) => column < 0 ? null : fields[column];
        bool Fails(string field) => errors.Any(error => error.Field == field);
        var noAddress = string.IsNullOrWhiteSpace(email) && string.IsNullOrWhiteSpace(phone);
        if (Fails("email") && !noAddress)
            return (null, RejectionReasons.InvalidEmail);
        if (Fails("phone"))
            return (null, RejectionReasons.InvalidPhone);
        if (Fails("name"))
        {
            return (null, string.IsNullOrWhiteSpace(name) ? RejectionReasons.MissingName
                : name.Trim().Length > ContactRules.MaxNameLength ? RejectionReasons.NameTooLong
                : RejectionReasons.InvalidName);
        }

        return (null, RejectionReasons.MissingEmailAndPhone);
    }

    [GeneratedRegex(@"\s*[\r\n\t]\s*")]
    private static partial Regex LineBreaks();
}
