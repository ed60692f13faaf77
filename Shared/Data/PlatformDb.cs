using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Platform.Data.Campaigns;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Imports;
using Platform.Data.Notifications;
using Platform.Data.Reports;
using Platform.Data.Scheduling;
using Platform.Data.Security;
using Platform.Data.Teams;
using Platform.Data.Tenants;
using Platform.Tenancy;

namespace Platform.Data;

/// <summary>
/// The current tenant's data. Every command carries the tenant to the database, whose row-level security does the
/// guarding; the filters here only help the planner. Without a tenant nothing is sent at all. Not pooled: a context
/// belongs to one unit of work, as its tenant does.
/// </summary>
public sealed class PlatformDb : DbContext
{
    private static readonly MethodInfo OwnRowsOnly =
        typeof(PlatformDb).GetMethod(nameof(FilterByTenant), BindingFlags.Instance | BindingFlags.NonPublic)!;

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

    public DbSet<Conversation> Conversations => Set<Conversation>();

    public DbSet<Message> Messages => Set<Message>();

    public DbSet<Campaign> Campaigns => Set<Campaign>();

    public DbSet<Professional> Professionals => Set<Professional>();

    public DbSet<Appointment> Appointments => Set<Appointment>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<Report> Reports => Set<Report>();

    public DbSet<Team> Teams => Set<Team>();

    public DbSet<Agent> Agents => Set<Agent>();

    public DbSet<User> Users => Set<User>();

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
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PlatformDb).Assembly);
        foreach (var owned in modelBuilder.Model.GetEntityTypes().Where(entity => entity.ClrType.IsAssignableTo(typeof(ITenantOwned))))
            OwnRowsOnly.MakeGenericMethod(owned.ClrType).Invoke(this, [modelBuilder]);
        modelBuilder.Entity<Tenant>().HasQueryFilter(tenant => tenant.Id == TenantKey);
        PlatformModel.ApplyConventions(modelBuilder);
    }

    // EF Core replaces the context a filter was written in by the one that runs the query: it has to be written in here.
    private void FilterByTenant<T>(ModelBuilder modelBuilder)
        where T : class, ITenantOwned =>
        modelBuilder.Entity<T>().HasQueryFilter(row => row.TenantId == TenantKey);
}
