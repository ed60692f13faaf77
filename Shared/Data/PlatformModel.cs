using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Platform.Data;

/// <summary>What all tables have in common, so that no entity's own configuration says it again.</summary>
internal static class PlatformModel
{
    /// <summary>Names columns as the schema does, and maps the properties every table has under the same name.</summary>
    public static void ApplyConventions(ModelBuilder modelBuilder)
    {
        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
        {
            property.SetColumnName(SnakeCase(property.Name));
            switch (property.Name)
            {
                case "Version":
                    property.IsConcurrencyToken = true;
                    property.SetDefaultValue(1L);
                    property.ValueGenerated = ValueGenerated.OnAdd;
                    break;
                case "Search":
                    property.ValueGenerated = ValueGenerated.OnAddOrUpdate;
                    break;
                case "CreatedAt" or "UpdatedAt":
                    property.SetDefaultValueSql("now()");
                    property.ValueGenerated = ValueGenerated.OnAdd;
                    break;
            }
        }
    }

    private static string SnakeCase(string name) => string.Concat(name.Select(
        (character, i) => (i > 0 && char.IsUpper(character) ? "_" : "") + char.ToLowerInvariant(character)));
}
