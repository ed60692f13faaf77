using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;

namespace Aspire.Hosting.Parameters;

/// <summary>A generated value that is remembered in the user secrets.</summary>
internal sealed class UserSecretsParameterDefault(UserSecretsStore secrets, string key, ParameterDefault inner) : ParameterDefault
{
    public override string GetDefaultValue() => secrets.GetOrSet(key, inner.GetDefaultValue);

    public override void WriteToManifest(ManifestPublishingContext context) => inner.WriteToManifest(context);
}

/// <summary>A default that is simply a value.</summary>
internal sealed class ConstantParameterDefault(Func<string> value) : ParameterDefault
{
    public override string GetDefaultValue() => value();

    public override void WriteToManifest(ManifestPublishingContext context) => context.Writer.WriteString("value", value());
}
