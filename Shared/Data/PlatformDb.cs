using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;
using Platform.Data.Campaigns;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Imports;
using Platform.Data.Notifications;
using Platform.Data.Placement;
using Platform.Data.Reports;
using Platform.Data.Scheduling;
using Platform.Data.Security;
using Platform.Data.Teams;
using Platform.Data.Tenants;
using Platform.Data.Webhooks;
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
    private bool _readsReplica;

    /// <param name="databases">Where tenants are placed, and replicas; null when all there is is the options' database.</param>
    public PlatformDb(DbContextOptions<PlatformDb> options, TenantContext tenant, TenantDatabases? databases = null)
        : base(options)
    {
        _tenant = tenant;
        Databases = databases;
    }

    /// <exception cref="InvalidOperationException">No tenant was set for this unit of work.</exception>
    public TenantId Tenant => _tenant.Current;

    public DbSet<Contact> Contacts => Set<Contact>();

    public DbSet<Import> Imports => Set<Import>();

    public DbSet<ImportRejection> ImportRejections => Set<ImportRejection>();

    public DbSet<Conversation> Conversations => Set<Conversation>();

    public DbSet<Message> Messages => Set<Message>();

    public DbSet<Campaign> Campaigns => Set<Campaign>();

    public DbSet<CampaignOptOut> CampaignOptOuts => Set<CampaignOptOut>();

    public DbSet<Professional> Professionals => Set<Professional>();

    public DbSet<Appointment> Appointments => Set<Appointment>();

    public DbSet<Notification> Notifications => Set<Notification>();

    public DbSet<Report> Reports => Set<Report>();

    public DbSet<Team> Teams => Set<Team>();

    public DbSet<Agent> Agents => Set<Agent>();

    public DbSet<User> Users => Set<User>();

    public DbSet<WebhookSource> WebhookSources => Set<WebhookSource>();

    public DbSet<WebhookEvent> WebhookEvents => Set<WebhookEvent>();

    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<WebhookEndpoint> WebhookEndpoints => Set<WebhookEndpoint>();

    internal TenantDatabases? Databases { get; }

    private Guid TenantKey => _tenant.Current.Value;

    /// <summary>
    /// Lets what this unit of work reads from here on come from a read replica, if there is one that has every write of the
    /// tenant, the caller's own included; else from the primary, as if this hadn't been called. For requests that only read:
    /// a replica refuses writes.
    /// </summary>
    /// <returns>This context: <c>(await db.ReadOnlyAsync(token)).Contacts</c>.</returns>
    public async ValueTask<PlatformDb> ReadOnlyAsync(CancellationToken cancellationToken = default)
    {
        if (Databases is not null && !_readsReplica && Database.CurrentTransaction is null
            && await Databases.OpenReplicaAsync(Tenant, cancellationToken) is { } replica)
        {
            Database.SetDbConnection(replica, contextOwnsConnection: true);
            _readsReplica = true;
        }
        return this;
    }

    /// <summary>
    /// Starts a transaction with the tenant set, for this context and for raw commands alike: one round trip.
    /// Disposing it without a commit rolls back.
    /// </summary>
    /// <exception cref="InvalidOperationException">No tenant was set, or <see cref="ReadOnlyAsync"/> chose a replica.</exception>
    public async Task<TenantTransaction> BeginAsync(CancellationToken cancellationToken = default)
    {
        if (_readsReplica)
            throw new InvalidOperationException("This unit of work reads from a replica: it can't write.");
        var transaction = await Database.BeginTransactionAsync(cancellationToken);
        return new TenantTransaction(transaction, (NpgsqlTransaction)transaction.GetDbTransaction(), Tenant);
    }

    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        AlwaysInTransaction();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        AlwaysInTransaction();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <summary>After every commit: readers anywhere must not be given a replica without it.</summary>
    internal ValueTask WroteAsync() =>
        Databases is null || _readsReplica
            ? ValueTask.CompletedTask
            : Databases.WroteAsync(Tenant, (NpgsqlConnection)Database.GetDbConnection());

    /// <summary>Options that were made without what guards the tenants are given it here, at a cost for each context: see <see cref="Guard"/>.</summary>
    protected override void OnConfiguring(DbContextOptionsBuilder optionsBuilder)
    {
        if (optionsBuilder.Options.FindExtension<CoreOptionsExtension>()?.Interceptors?.Contains(TenantInterceptor.Instance) != true)
            Guard(optionsBuilder);
    }

    /// <summary>Has every command carry the tenant; for options that are made once for all contexts.</summary>
    public static DbContextOptionsBuilder Guard(DbContextOptionsBuilder options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.AddInterceptors(TenantInterceptor.Instance).UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking);
    }

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PlatformDb).Assembly);
        foreach (var owned in modelBuilder.Model.GetEntityTypes().Where(entity => entity.ClrType.IsAssignableTo(typeof(ITenantOwned))))
            OwnRowsOnly.MakeGenericMethod(owned.ClrType).Invoke(this, [modelBuilder]);
        modelBuilder.Entity<Tenant>().HasQueryFilter(tenant => tenant.Id == TenantKey);
        PlatformModel.ApplyConventions(modelBuilder);
    }

    // The tenant is set once a transaction, so a change must have one even if it is a single statement.
    private void AlwaysInTransaction() => Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;

    // EF Core replaces the context a filter was written in by the one that runs the query: it has to be written in here.
    private void FilterByTenant<T>(ModelBuilder modelBuilder)
        where T : class, ITenantOwned =>
        modelBuilder.Entity<T>().HasQueryFilter(row => row.TenantId == TenantKey);
}
