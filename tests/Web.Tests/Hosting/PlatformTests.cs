namespace Platform.Web.Tests.Hosting;

/// <summary>All test classes of the whole share one stack and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class PlatformTests : ICollectionFixture<PlatformStack>
{
    public const string Name = "platform";
}
