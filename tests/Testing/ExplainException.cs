namespace Platform.Testing;

/// <summary>A query isn't run as its index was made for.</summary>
public sealed class ExplainException(string reason, string sql, string plan) : Exception($"{reason}:\n{sql}\n{plan}");
