using System.Text.RegularExpressions;
using Platform.Data.Contacts;

namespace Platform.Worker.Imports;

/// <summary>Judges a record by the rules every contact has to pass, and names the first that it fails.</summary>
internal static partial class ContactRowRules
{
    /// <param name="columns">Where name, e-mail and phone stand in the record.</param>
    public static (ContactFields? Contact, string? Rejection) Check(IReadOnlyList<string> fields, ContactColumns columns)
    {
        if (fields.Count != ContactColumns.Count)
            return (null, RejectionReasons.WrongNumberOfColumns);
        // Spreadsheets let a name span lines; a contact's name is one line.
        var name = LineBreaks().Replace(fields[columns.Name], " ");
        var errors = ContactRules.Check(name, fields[columns.Email], fields[columns.Phone], out var contact);
        if (contact is not null)
            return (contact, null);

        bool Fails(string field) => errors.Any(error => error.Field == field);
        var noAddress = string.IsNullOrWhiteSpace(fields[columns.Email]) && string.IsNullOrWhiteSpace(fields[columns.Phone]);
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
