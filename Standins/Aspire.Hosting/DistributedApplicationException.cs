namespace Aspire.Hosting;

/// <summary>The application is wrong or cannot go on; the message is meant for its author.</summary>
public class DistributedApplicationException(string message, Exception? inner = null) : Exception(message, inner);
