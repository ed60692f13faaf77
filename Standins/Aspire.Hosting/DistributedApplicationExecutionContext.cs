namespace Aspire.Hosting;

/// <summary>What is done with the application.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>It runs here.</summary>
    Run = 0,

    /// <summary>It is described for a deployment.</summary>
    Publish = 1,
}

/// <summary>What is done with the application, and by whom.</summary>
public class DistributedApplicationExecutionContext(DistributedApplicationOperation operation, string publisherName = "")
{
    /// <summary>The publisher's name in publish mode.</summary>
    public string PublisherName { get; set; } = publisherName;

    /// <summary>Run or publish.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>It is described for a deployment.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;

    /// <summary>It runs here.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>The application's services, once it is built.</summary>
    /// <exception cref="InvalidOperationException">It isn't.</exception>
    public IServiceProvider ServiceProvider
    {
        get => field ?? throw new InvalidOperationException("The application has not been built yet.");
        internal set;
    }
}
