using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Images;

internal sealed class ImageFileConfiguration : IEntityTypeConfiguration<ImageFile>
{
    public void Configure(EntityTypeBuilder<ImageFile> builder) =>
        builder.ToTable("image_files").HasKey(row => new { row.TenantId, row.Kind, row.OwnerId, row.Size });
}
