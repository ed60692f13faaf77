namespace Platform.Data.Seed;

internal sealed record DemoContact(string Name, string Email, string Phone);
