namespace Platform.Jobs;

/// <summary>Thrown by a handler that wants to be run again later, without this run counting as an attempt.</summary>
public sealed class SnoozeJobException : Exception
{
    public SnoozeJobException()
    {
    }

    public SnoozeJobException(string message)
        : base(message)
    {
    }

    public SnoozeJobException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <param name="delay">How long to wait, by the database's clock.</param>
    public SnoozeJobException(TimeSpan delay)
        : base("The job asked to be run later.") => Delay = delay;

    public TimeSpan Delay { get; }
}
