using System.Text.RegularExpressions;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Names for volumes that differ between applications and between checkouts of one.</summary>
internal static partial class VolumeName
{
    /// <summary><c>application-hash-resource-suffix</c></summary>
    public static string For<T>(IResourceBuilder<T> builder, string suffix) where T : IResource
    {
        var application = Unfit().Replace(builder.ApplicationBuilder.Environment.ApplicationName, "_").ToLowerInvariant();
        var hash = builder.ApplicationBuilder.Configuration["AppHost:Sha256"]![..10].ToLowerInvariant();
        return $"{application}-{hash}-{builder.Resource.Name}-{suffix}";
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]")]
    private static partial Regex Unfit();
}
