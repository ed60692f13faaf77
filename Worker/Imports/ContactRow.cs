using Platform.Data.Contacts;

namespace Platform.Worker.Imports;

/// <summary>One row of a file, judged as far as it can be without the database.</summary>
/// <param name="Number">From 1, the header and blank lines not counted.</param>
/// <param name="Line">As it stood in the file.</param>
/// <param name="Contact">What to store; null when <paramref name="Rejection"/> says why not.</param>
internal sealed record ContactRow(long Number, string Line, ContactFields? Contact, string? Rejection);
