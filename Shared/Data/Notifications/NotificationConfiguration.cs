using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Notifications;

internal sealed class NotificationConfiguration : IEntityTypeConfiguration<Notification>
{
    public void Configure(EntityTypeBuilder<Notification> builder)
    {
        builder.ToTable("notifications").HasKey(row => new { row.TenantId, row.Id });
        builder.Property(row => row.Read).ValueGeneratedOnAddOrUpdate();
    }
}
