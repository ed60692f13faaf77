namespace Platform.Jobs;

/// <summary>Thrown by a handler whose job can never succeed: no further attempt is made, the job is dead at once.</summary>
public sealed class PermanentJobException : Exception
{
    public PermanentJobException()
    {
    }

    /// <param name="message">Shown to the tenant as the job's error: no secrets, nothing internal.</param>
    public PermanentJobException(string message)
        : base(message)
    {
    }

    public PermanentJobException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
