using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Reports;

internal sealed class ReportFileChunkConfiguration : IEntityTypeConfiguration<ReportFileChunk>
{
    public void Configure(EntityTypeBuilder<ReportFileChunk> builder) =>
        builder.ToTable("report_files").HasKey(row => new { row.TenantId, row.ReportId, row.Number });
}
