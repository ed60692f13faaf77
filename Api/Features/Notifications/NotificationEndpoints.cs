using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Notifications;
using Platform.Tenancy;

namespace Platform.Api.Features.Notifications;

/// <summary>What the signed-in user was told; nobody sees another's.</summary>
internal static class NotificationEndpoints
{
    private const int MaxCounted = 10_000;

    public static void AddNotifications(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Notifier>();

    public static void MapNotifications(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/notifications").WithTags("Notifications")
            .RequireAuthorization(policy => policy.RequireTenant());

        group.MapGet("/", ListAsync).Cached()
            .WithSummary("List your notifications").WithDescription("Newest first. Beyond 10,000 `total` is null.")
            .Produces<Page<NotificationResponse>>().ProducesProblem(400);
        group.MapGet("/unread", UnreadAsync).Cached()
            .WithSummary("Count your unread notifications")
            .Produces<UnreadResponse>();
        group.MapPost("/{id:guid}/read", ReadAsync)
            .WithSummary("Mark a notification as read").WithDescription("Marking one that was read changes nothing.")
            .Produces<NotificationResponse>().ProducesProblem(404);
        group.MapPost("/read", ReadAllAsync)
            .WithSummary("Mark all of your notifications as read")
            .Produces<MarkedResponse>();
    }

    private static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query, [Description("true: only unread ones; false: only read ones.")] bool? unread, HttpContext context,
        TenantContext tenant, CursorCodec cursors, CachedAnswers answers)
    {
        var user = context.User.UserId();
        return ListQuestion.Read(query, tenant.Current, $"notifications:{user}:{unread}", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Notifications, [Notifier.Tag(tenant.Current, user), Notifier.Tag(tenant.Current)],
                ["list", user.ToString(), query.KeyPart, unread switch { true => "unread", false => "read", _ => "" }],
                (user, unread, ask, cursors),
                static (db, state, cancellationToken) =>
                    PageAsync(Of(db, state.user, state.unread), state.ask, state.cursors, cancellationToken));
    }

    private static ValueTask<IResult> UnreadAsync(HttpContext context, TenantContext tenant, CachedAnswers answers)
    {
        var user = context.User.UserId();
        return answers.GetAsync(
            context, CacheKinds.Notifications, [Notifier.Tag(tenant.Current, user), Notifier.Tag(tenant.Current)], ["unread", user.ToString()], user,
            static async (db, user, cancellationToken) => (UnreadResponse?)new UnreadResponse(
                Counted(await Of(db, user, unread: true).Take(MaxCounted + 1).LongCountAsync(cancellationToken))));
    }

    private static async Task<IResult> ReadAsync(
        Guid id, HttpContext context, PlatformDb db, Notifier notifier, CancellationToken cancellationToken)
    {
        var user = context.User.UserId();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var marked = await MarkAsync(db, user, id, cancellationToken);
        if (await db.Notifications.SingleOrDefaultAsync(row => row.Id == id && row.UserId == user, cancellationToken) is not { } row)
            return Problems.NotFound("notification");
        if (marked > 0)
        {
            notifier.Changed(transaction, user, "notification.read", new { id });
            await transaction.CommitAsync(cancellationToken);
        }
        return TypedResults.Ok(NotificationResponse.From(row));
    }

    private static async Task<IResult> ReadAllAsync(
        HttpContext context, PlatformDb db, Notifier notifier, CancellationToken cancellationToken)
    {
        var user = context.User.UserId();
        await using var transaction = await db.BeginAsync(cancellationToken);
        var marked = await MarkAsync(db, user, id: null, cancellationToken);
        if (marked > 0)
        {
            notifier.Changed(transaction, user, "notification.read", new { id = (Guid?)null });
            await transaction.CommitAsync(cancellationToken);
        }
        return TypedResults.Ok(new MarkedResponse(marked));
    }

    /// <summary>Index: notifications_pkey, or notifications_read_idx for all.</summary>
    private static Task<int> MarkAsync(PlatformDb db, Guid user, Guid? id, CancellationToken cancellationToken)
    {
        var rows = Of(db, user, unread: true);
        if (id is { } one)
            rows = rows.Where(row => row.Id == one);
        // By the database's clock, as created_at is.
        return rows.ExecuteUpdateAsync(set => set.SetProperty(row => row.ReadAt, _ => DateTimeOffset.UtcNow), cancellationToken);
    }

    /// <summary>Index: notifications_user_idx, or notifications_read_idx when only some are wanted.</summary>
    private static IQueryable<Notification> Of(PlatformDb db, Guid user, bool? unread)
    {
        var rows = db.Notifications.Where(row => row.UserId == user);
        return unread is { } only ? rows.Where(row => row.Read == !only) : rows;
    }

    private static async Task<Page<NotificationResponse>?> PageAsync(
        IQueryable<Notification> all, ListQuestion ask, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var rows = await (ask.After is { } place
                ? all.Where(row => EF.Functions.LessThan(
                    ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)))
                : all)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(rows.Count, all, cancellationToken, MaxCounted);
        return ask.Page(rows.ConvertAll(NotificationResponse.From), total, row => new Cursor(row.CreatedAt, row.Id), cursors);
    }

    private static long? Counted(long count) => count > MaxCounted ? null : count;
}
