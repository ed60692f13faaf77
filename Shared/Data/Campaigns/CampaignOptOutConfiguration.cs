using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Campaigns;

internal sealed class CampaignOptOutConfiguration : IEntityTypeConfiguration<CampaignOptOut>
{
    public void Configure(EntityTypeBuilder<CampaignOptOut> builder) =>
        builder.ToTable("campaign_opt_outs").HasKey(row => new { row.TenantId, row.Id });
}
