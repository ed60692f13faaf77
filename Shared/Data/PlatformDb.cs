using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Platform.Data.Contacts;
using Platform.Data.Imports;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Data;

/// <summary>
/// The current tenant's data. Every command carries the tenant to the database, whose row-level security does the
/// guarding; the filters here only help the planner. Without a tenant nothing is sent at all. Not pooled: a context
/// belongs to one unit of work, as its tenant does.
/// </summary>
public sealed class PlatformDb : DbContext
{
    private readonly TenantContext _tenant;

    public PlatformDb(DbContextOptions<PlatformDb> options, TenantContext tenant)
        : base(options)
    {
        _tenant = tenant;
        // The tenant is set once a transaction, so a change must have one even if it is a single statement.
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
        ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
    }

    /// <exception cref="InvalidOperationException">No tenant was set for this unit of work.</exception>
    public TenantId Tenant => _tenant.Current;

    public DbSet<Contact> Contacts => Set<Contact>();

    public DbSet<Import> Imports => Set<Import>();

    public DbSet<ImportRejection> ImportRejections => Set<ImportRejection>();

    private Guid TenantKey => _tenant.Current.Value;

    /// <summary>
    /// Starts a transaction with the tenant set, for this context and for raw commands alike: one round trip.
    /// Disposing it without a commit rolls back.
    /// </summary>
    public async Task<TenantTransaction> BeginAsync(CancellationToken cancellationToken = default)
    {
        var transaction = await Database.BeginTransactionAsync(cancellationToken);
        return new TenantTransaction(transaction, (NpgsqlTransaction)transaction.GetDbTransaction(), Tenant);
    }

    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder) =>
        optionsBuilder.AddInterceptors(TenantInterceptor.Instance);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Contact>(contact =>
        {
            contact.ToTable("contacts").HasKey(row => new { row.TenantId, row.Id });
            contact.Property(row => row.Version).IsConcurrencyToken();
            contact.Property(row => row.Search).ValueGeneratedOnAddOrUpdate();
            contact.HasQueryFilter(row => row.TenantId == TenantKey);
        });
        modelBuilder.Entity<Import>(import =>
        {
            import.ToTable("imports").HasKey(row => new { row.TenantId, row.Id });
            import.HasQueryFilter(row => row.TenantId == TenantKey);
        });
        modelBuilder.Entity<ImportRejection>(rejection =>
        {
            rejection.ToTable("import_rejections").HasKey(row => new { row.TenantId, row.ImportId, row.RowNumber });
            rejection.HasQueryFilter(row => row.TenantId == TenantKey);
        });

        foreach (var property in modelBuilder.Model.GetEntityTypes().SelectMany(entity => entity.GetProperties()))
            property.SetColumnName(SnakeCase(property.Name));
    }

    private static string SnakeCase(string name) => string.Concat(name.Select(
        (character, i) => (i > 0 && char.IsUpper(character) ? "_" : "") + char.ToLowerInvariant(character)));
}
