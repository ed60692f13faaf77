using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Auditing;

internal sealed class AuditRecordConfiguration : IEntityTypeConfiguration<AuditRecord>
{
    public void Configure(EntityTypeBuilder<AuditRecord> builder)
    {
        builder.ToTable("audit_log").HasKey(row => new { row.TenantId, row.Id });
        builder.Property(row => row.Detail).HasColumnType("jsonb");
        builder.Property(row => row.At).HasDefaultValueSql("now()");
    }
}
