namespace Platform.Jobs;

/// <summary>A job can't be enqueued or run as asked; the message says why.</summary>
public sealed class JobException : Exception
{
    public JobException()
    {
    }

    public JobException(string message)
        : base(message)
    {
    }

    public JobException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
