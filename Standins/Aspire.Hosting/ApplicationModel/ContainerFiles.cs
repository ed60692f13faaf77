namespace Aspire.Hosting.ApplicationModel;

/// <summary>A file or folder put into a container before it starts.</summary>
public abstract class ContainerFileSystemItem
{
    /// <summary>Its name, without a path.</summary>
    public required string Name { get; set; }

    /// <summary>User id; the default owner's when null.</summary>
    public int? Owner { get; set; }

    /// <summary>Group id; the default group's when null.</summary>
    public int? Group { get; set; }

    /// <summary>Permissions; what the umask allows when 0.</summary>
    public UnixFileMode Mode { get; set; }
}

/// <summary>A file put into a container before it starts.</summary>
public sealed class ContainerFile : ContainerFileSystemItem
{
    /// <summary>Its content.</summary>
    public string? Contents { get; set; }

    /// <summary>A file of the host that holds the content.</summary>
    public string? SourcePath { get; set; }
}

/// <summary>A folder put into a container before it starts.</summary>
public sealed class ContainerDirectory : ContainerFileSystemItem
{
    /// <summary>What is in it.</summary>
    public IEnumerable<ContainerFileSystemItem> Entries { get; set; } = [];

    /// <summary>A folder of the host, or one file, with all below it.</summary>
    public static IEnumerable<ContainerFileSystemItem> GetFileSystemItemsFromPath(
        string path, string searchPattern = "*", SearchOption searchOptions = SearchOption.TopDirectoryOnly)
    {
        if (File.Exists(path))
            return [new ContainerFile { Name = Path.GetFileName(path), SourcePath = Path.GetFullPath(path) }];

        var files = Directory.GetFiles(path, searchPattern)
            .Select(file => new ContainerFile { Name = Path.GetFileName(file), SourcePath = Path.GetFullPath(file) });
        return searchOptions == SearchOption.TopDirectoryOnly
            ? files
            : files.Concat<ContainerFileSystemItem>(Directory.GetDirectories(path).Select(folder => new ContainerDirectory
            {
                Name = Path.GetFileName(folder),
                Entries = GetFileSystemItemsFromPath(folder, searchPattern, searchOptions),
            }));
    }
}

/// <summary>Given to callbacks that make the files of a container.</summary>
public sealed class ContainerFileSystemCallbackContext
{
    /// <summary>The application's services.</summary>
    public required IServiceProvider ServiceProvider { get; init; }

    /// <summary>The container.</summary>
    public required IResource Model { get; init; }
}

/// <summary>Files put into a container before it starts.</summary>
public sealed class ContainerFileSystemCallbackAnnotation : IResourceAnnotation
{
    /// <summary>The folder inside the container.</summary>
    public required string DestinationPath { get; init; }

    /// <summary>User id; root when null.</summary>
    public int? DefaultOwner { get; init; }

    /// <summary>Group id; root when null.</summary>
    public int? DefaultGroup { get; init; }

    /// <summary>Permissions taken away; 022 when null.</summary>
    public UnixFileMode? Umask { get; init; }

    /// <summary>Makes the files.</summary>
    public required Func<ContainerFileSystemCallbackContext, CancellationToken,
        Task<IEnumerable<ContainerFileSystemItem>>> Callback { get; init; }
}
