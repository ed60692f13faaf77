namespace Platform.Web.Formatting;

/// <summary>Why a row of a file was refused, in words.</summary>
internal static class Rejections
{
    public static string Describe(string reason) => reason switch
    {
        "wrong_number_of_columns" => "Not three columns",
        "invalid_email" => "E-mail address isn't valid",
        "invalid_phone" => "Phone number isn't valid",
        "missing_name" => "Name is missing",
        "name_too_long" => "Name is longer than 200 characters",
        "missing_email_and_phone" => "Neither e-mail nor phone",
        "duplicate_email" => "E-mail address already exists",
        "duplicate_phone" => "Phone number already exists",
        "contact_limit_reached" => "The plan has no room for more contacts",
        // A reason this version doesn't know yet is still better read than hidden.
        _ => reason.Replace('_', ' '),
    };
}
