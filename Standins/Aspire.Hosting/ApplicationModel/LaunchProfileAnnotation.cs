namespace Aspire.Hosting.ApplicationModel;

/// <summary>The launch profile a project runs with.</summary>
internal sealed record LaunchProfileAnnotation(string Name, LaunchProfile Profile) : IResourceAnnotation;
