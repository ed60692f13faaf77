using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Webhooks;

internal sealed class WebhookSourceConfiguration : IEntityTypeConfiguration<WebhookSource>
{
    public void Configure(EntityTypeBuilder<WebhookSource> builder) =>
        builder.ToTable("webhook_sources").HasKey(row => new { row.TenantId, row.Id });
}
