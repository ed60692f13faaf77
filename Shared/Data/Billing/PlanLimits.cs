namespace Platform.Data.Billing;

/// <summary>What a plan counts of a tenant, by the names the API has for it.</summary>
public static class PlanLimits
{
    /// <summary>However they come into being. Those who write to the tenant become contacts beyond the limit, too: nobody's call is turned away.</summary>
    public const string Contacts = "contacts";

    /// <summary>Sent in a calendar month, UTC: in conversations and by campaigns.</summary>
    public const string MonthlyMessages = "monthly_messages";
}
