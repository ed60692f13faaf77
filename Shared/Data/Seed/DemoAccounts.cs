namespace Platform.Data.Seed;

/// <summary>The accounts of the demo data; development only.</summary>
public static class DemoAccounts
{
    public const string Password = "Platform-demo-1";

    public const string AcmeAdmin = "admin@acme.example";
    public const string AcmeAgent = "agent@acme.example";
    public const string GlobexAdmin = "admin@globex.example";
    public const string Operator = "operator@platform.example";

    /// <summary>The tenants' ids are the same in every demo database, so that examples can name them.</summary>
    public static readonly Guid Acme = Guid.Parse("01900000-0000-7000-8000-00000000ac3e");

    public static readonly Guid Globex = Guid.Parse("01900000-0000-7000-8000-0000000910be");
}
