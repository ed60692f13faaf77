namespace Platform.Data.Contacts;

/// <summary>What is wrong with one field, as a sentence for the person who filled it in.</summary>
/// <param name="Field">The field's name in JSON and in a CSV header: <c>name</c>, <c>email</c>, <c>phone</c>.</param>
public sealed record FieldError(string Field, string Message);
