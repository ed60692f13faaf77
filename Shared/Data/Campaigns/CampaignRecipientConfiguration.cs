using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Campaigns;

internal sealed class CampaignRecipientConfiguration : IEntityTypeConfiguration<CampaignRecipient>
{
    public void Configure(EntityTypeBuilder<CampaignRecipient> builder) =>
        builder.ToTable("campaign_recipients").HasKey(row => new { row.TenantId, row.CampaignId, row.ContactId });
}
