namespace Platform.Embedded;

/// <summary>A server could not be fetched, initialised or started. The message says what to do about it.</summary>
public sealed class EmbeddedServerException : Exception
{
    /// <summary>Creates the exception with a message that names cause and remedy.</summary>
    public EmbeddedServerException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names cause and remedy, and what led to it.</summary>
    public EmbeddedServerException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception with no more than its type.</summary>
    public EmbeddedServerException()
    {
    }
}
