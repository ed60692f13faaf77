using Microsoft.EntityFrameworkCore;
using Platform.Data.Contacts;

namespace Platform.Bench;

/// <summary>Contacts as an application maps them that keeps tenants apart by conditions in its queries and by nothing else.</summary>
internal sealed class UnguardedDb(DbContextOptions<UnguardedDb> options, Guid tenant) : DbContext(options)
{
    public Guid TenantKey => tenant;

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        var contact = modelBuilder.Entity<Contact>().ToTable("contacts");
        contact.HasKey(row => new { row.TenantId, row.Id });
        contact.HasQueryFilter(row => row.TenantId == TenantKey);
        foreach (var property in contact.Metadata.GetProperties())
        {
            property.SetColumnName(string.Concat(property.Name.Select(
                (character, i) => (i > 0 && char.IsUpper(character) ? "_" : "") + char.ToLowerInvariant(character))));
        }
    }
}
