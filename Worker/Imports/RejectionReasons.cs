namespace Platform.Worker.Imports;

/// <summary>Why a row of a contact file was rejected; the first that applies, in this order.</summary>
internal static class RejectionReasons
{
    public const string WrongNumberOfColumns = "wrong_number_of_columns";
    public const string InvalidEmail = "invalid_email";
    public const string InvalidPhone = "invalid_phone";
    public const string MissingName = "missing_name";
    public const string NameTooLong = "name_too_long";
    public const string InvalidName = "invalid_name";
    public const string MissingEmailAndPhone = "missing_email_and_phone";
    public const string DuplicateEmail = "duplicate_email";
    public const string DuplicatePhone = "duplicate_phone";

    /// <summary>The row is fine, but the tenant's plan has no room for another contact.</summary>
    public const string ContactLimitReached = "contact_limit_reached";
}
