namespace Platform.Api.Tests;

/// <summary>All test classes share one API and one database, and run one after the other; each makes the data it needs.</summary>
[CollectionDefinition(Name)]
public sealed class ApiTests : ICollectionFixture<ApiFixture>
{
    public const string Name = "api";
}
