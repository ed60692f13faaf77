using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Platform.Data.Billing;

internal sealed class PlanTermsConfiguration : IEntityTypeConfiguration<PlanTerms>
{
    public void Configure(EntityTypeBuilder<PlanTerms> builder) =>
        builder.ToTable("plans").HasKey(row => row.Name);
}
