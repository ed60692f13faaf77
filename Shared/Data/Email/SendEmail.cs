using Platform.Jobs;

namespace Platform.Data.Email;

/// <summary>The job that sends one e-mail to one person.</summary>
/// <param name="To">An address, such as <c>ada@example.com</c>.</param>
/// <param name="ToName">Null when it isn't known.</param>
/// <param name="Subject">One line, at most 200 characters.</param>
/// <param name="Text">Plain text, at most 100,000 characters.</param>
[Job("emails.send", Queue = JobQueues.Emails, MaxAttempts = 6, TimeoutSeconds = 120, BackoffSeconds = 15, Json = typeof(JobPayloads))]
public sealed record SendEmail(string To, string? ToName, string Subject, string Text);
