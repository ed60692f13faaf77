using Platform.Data.Contacts;
using Platform.Data.Validation;

namespace Platform.Data.Conversations;

/// <summary>The one definition of a valid conversation and of a valid message.</summary>
public static class ConversationRules
{
    /// <summary>Characters.</summary>
    public const int MaxSubjectLength = 200, MaxMessageLength = 8000, MaxPreviewLength = 200, MaxExternalIdLength = 200;

    /// <param name="status">Null counts as open.</param>
    /// <param name="fields">What to store; null when there is an error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> Check(
        string? status, string? subject, Guid? agent, Guid? team, out ConversationFields? fields)
    {
        var checks = new FieldChecks();
        fields = new ConversationFields(
            checks.OneOf(status, "status", "The status", ConversationStatus.All, orElse: ConversationStatus.Open),
            checks.Text(subject, "subject", "The subject", MaxSubjectLength, required: false),
            agent, team);
        if (checks.Errors.Count > 0)
            fields = null;
        return checks.Errors;
    }

    /// <param name="text">What to store, when there is no error.</param>
    /// <returns>The errors; empty when all is well.</returns>
    public static IReadOnlyList<FieldError> CheckMessage(string? body, out string text)
    {
        var checks = new FieldChecks();
        text = checks.Text(body, "body", "The message", MaxMessageLength, lines: true);
        return checks.Errors;
    }
}
