using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Errors;

internal sealed class ErrorGroupConfiguration : IEntityTypeConfiguration<ErrorGroup>
{
    public void Configure(EntityTypeBuilder<ErrorGroup> builder) =>
        builder.ToTable("errors").HasKey(row => row.Fingerprint);
}
