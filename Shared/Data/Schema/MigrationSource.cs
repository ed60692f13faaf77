using System.Globalization;
using System.Reflection;

namespace Platform.Data.Schema;

/// <summary>A named series of migrations. Each source counts its versions by itself.</summary>
public sealed class MigrationSource
{
    private const string Prefix = "Migrations/";

    /// <param name="name">Kept in the database beside each version; never changes: <c>data</c>, <c>jobs</c>.</param>
    /// <param name="scripts">In any order.</param>
    /// <exception cref="ArgumentException">Two scripts have the same version.</exception>
    public MigrationSource(string name, IEnumerable<MigrationScript> scripts)
    {
        Name = name;
        Scripts = [.. scripts.OrderBy(script => script.Version)];
        if (Scripts.Select(script => script.Version).Distinct().Count() != Scripts.Count)
            throw new ArgumentException($"Two migrations of '{name}' have the same number.", nameof(scripts));
    }

    public string Name { get; }

    /// <summary>By ascending version.</summary>
    public IReadOnlyList<MigrationScript> Scripts { get; }

    /// <summary>Reads the files embedded in an assembly as <c>Migrations/NNNN_name.sql</c>.</summary>
    /// <exception cref="ArgumentException">A file is named otherwise, or there is none.</exception>
    public static MigrationSource FromAssembly(string name, Assembly assembly)
    {
        var scripts = assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => Read(assembly, resource))
            .ToList();
        return scripts.Count > 0
            ? new MigrationSource(name, scripts)
            : throw new ArgumentException($"{assembly.GetName().Name} has no embedded {Prefix}NNNN_name.sql.", nameof(assembly));
    }

    private static MigrationScript Read(Assembly assembly, string resource)
    {
        var file = Path.GetFileNameWithoutExtension(resource[Prefix.Length..]);
        var separator = file.IndexOf('_', StringComparison.Ordinal);
        if (separator <= 0 || !int.TryParse(file.AsSpan(0, separator), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            throw new ArgumentException($"'{resource}' isn't named {Prefix}NNNN_name.sql.", nameof(resource));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return new MigrationScript(version, file[(separator + 1)..], reader.ReadToEnd());
    }
}
