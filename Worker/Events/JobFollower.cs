namespace Platform.Worker.Events;

/// <summary>
/// What becomes of a feature's rows whose job has ended with no handler there to say so: cancelled while it waited, or dead with its worker.
/// </summary>
/// <param name="JobType">The type of the jobs.</param>
/// <param name="Sql">Sets right all such rows of tenant <c>$1</c>; run again, it changes nothing.</param>
internal sealed record JobFollower(string JobType, string Sql);
