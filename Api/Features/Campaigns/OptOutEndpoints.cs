using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Tenancy;

namespace Platform.Api.Features.Campaigns;

/// <summary>Opting out of a tenant's campaigns by the link in a message, and who has.</summary>
internal static class OptOutEndpoints
{
    public static void MapOptOuts(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet(OptOutLink.Path, Ask).AllowAnonymous().WithTags("Campaigns")
            .WithSummary("Ask whoever follows the link in a message whether they want to opt out")
            .WithDescription("A page with a button; it changes nothing.")
            .Produces<string>(contentType: "text/html").ProducesProblem(404);
        endpoints.MapPost(OptOutLink.Path, OptOutAsync).AllowAnonymous().WithTags("Campaigns")
            .WithSummary("Opt out by the link in a message")
            .WithDescription("The one click of RFC 8058, and the page's button. Repeated, it answers alike.")
            .Produces<string>(contentType: "text/html").ProducesProblem(404);

        var group = endpoints.MapGroup("/api/campaigns/opt-outs").WithTags("Campaigns");
        group.MapGet("/", ListAsync).RequirePermission(Permissions.CampaignsRead)
            .WithSummary("List who wants no campaigns").WithDescription("Newest first. Beyond 100,000 `total` is null.")
            .Produces<Page<OptOutResponse>>().ProducesProblem(400);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.CampaignsWrite)
            .WithSummary("Forget that somebody opted out").WithDescription("Because they want campaigns again and have said so.")
            .Produces(204).ProducesProblem(404);
    }

    private static IResult Ask(string? token, HttpContext context, SecretProtector protector) =>
        OptOutLink.Read(protector, token) is null ? NoLink() : OptOutPage.Ask(context);

    /// <summary>The answer is the same whether the address is known, was, or has opted out before.</summary>
    private static async Task<IResult> OptOutAsync(
        string? token, HttpContext context, SecretProtector protector, IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        if (OptOutLink.Read(protector, token) is not { } link)
            return NoLink();
        // Whoever follows it may be signed in elsewhere: the link's tenant is the one that counts, and has a scope of its own.
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(link.Tenant);
        var db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await RecordAsync(db, link, cancellationToken) is { } row)
        {
            scope.ServiceProvider.GetRequiredService<ChangeNotice>().AfterCommit(
                transaction, "contact.opted_out", new { id = row.ContactId, address = row.AddressKey, row.CampaignId });
            await transaction.CommitAsync(cancellationToken);
        }
        return OptOutPage.Done(context);
    }

    /// <summary>A tenant that is gone has none. Indexes: tenants_pkey, campaign_opt_outs_address_key.</summary>
    /// <returns>Null when nothing is new.</returns>
    private static async Task<CampaignOptOut?> RecordAsync(PlatformDb db, OptOutLink link, CancellationToken cancellationToken)
    {
        var (tenant, id) = (link.Tenant.Value, Guid.CreateVersion7());
        var rows = await db.CampaignOptOuts.FromSql(
            $"""
            INSERT INTO campaign_opt_outs AS o (tenant_id, id, address_key, contact_id, campaign_id)
            SELECT t.id, {id}, lower({link.Address}), {link.Contact}, {link.Campaign} FROM tenants t WHERE t.id = {tenant}
            ON CONFLICT (tenant_id, address_key) DO UPDATE SET contact_id = EXCLUDED.contact_id WHERE o.contact_id <> EXCLUDED.contact_id
            RETURNING *
            """).IgnoreQueryFilters().ToListAsync(cancellationToken);
        return rows.SingleOrDefault();
    }

    /// <summary>Index: campaign_opt_outs_created_idx.</summary>
    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, "campaign-opt-outs", cursors, out var ask) is { } problem)
            return problem;
        var rows = await (ask.After is { } place
                ? db.CampaignOptOuts.Where(row => EF.Functions.LessThan(
                    ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)))
                : db.CampaignOptOuts)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take)
            .Select(row => new OptOutResponse(row.Id, row.AddressKey, row.ContactId, row.CampaignId, row.CreatedAt))
            .ToListAsync(cancellationToken);
        var page = ask.Page(
            rows, await ask.TotalAsync(rows.Count, db.CampaignOptOuts, cancellationToken), row => new Cursor(row.CreatedAt, row.Id), cursors);
        return PageAnswer.Ok(context, page);
    }

    /// <summary>Index: campaign_opt_outs_pkey.</summary>
    private static async Task<IResult> DeleteAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await db.CampaignOptOuts.Where(row => row.Id == id).ExecuteDeleteAsync(cancellationToken) == 0)
            return Problems.NotFound("opt-out");
        await AuditLog.AddAsync(transaction, context.User, "campaign-opt-out.delete", id.ToString(), null, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemResult NoLink() => new(StatusCodes.Status404NotFound, "The link isn't valid. Use the one in the message, complete.");
}
