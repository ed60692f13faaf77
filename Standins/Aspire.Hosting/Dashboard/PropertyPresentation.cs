namespace Aspire.Hosting.Dashboard;

/// <summary>How the dashboard shows a property among the facts of a resource: under which name, and at which place.</summary>
internal sealed record PropertyPresentation(string DisplayName, int SortOrder)
{
    /// <summary>The properties worth a look at once, by their resource's type; all others come after them, under their own names.</summary>
    private static readonly Dictionary<(string ResourceType, string Name), PropertyPresentation> Known = new()
    {
        [("Project", "project.path")] = new("Project path", 0),
        [("Project", "project.launchProfile")] = new("Launch profile", 1),
        [("Project", "executable.pid")] = new("Process ID", 2),
        [("Executable", "executable.path")] = new("Path", 0),
        [("Executable", "executable.workDir")] = new("Working directory", 1),
        [("Executable", "executable.args")] = new("Arguments", 2),
        [("Executable", "executable.pid")] = new("Process ID", 3),
        [("Container", "container.image")] = new("Container image", 0),
        [("Container", "container.id")] = new("Container ID", 1),
        [("Container", "container.command")] = new("Container command", 2),
        [("Container", "container.args")] = new("Container arguments", 3),
        [("Container", "container.ports")] = new("Container ports", 4),
        [("Container", "container.lifetime")] = new("Container lifetime", 5),
        [("Parameter", "Value")] = new("Value", 0),
    };

    public static PropertyPresentation? Of(string resourceType, string property)
    {
        if (Known.TryGetValue((resourceType, property), out var known)) return known;
        return property == "resource.connectionString" ? new PropertyPresentation("Connection string", 0) : null;
    }
}
