using System.Reflection;
using Npgsql;

namespace Platform.Data.Seed;

/// <summary>
/// What the demo tenants do on the platform: the scripts <c>demo_*.sql</c>, all of them sent in one round trip a tenant.
/// They fill tables of a tenant that has never had a subscription, and leave any other as it is.
/// </summary>
internal static class DemoActivity
{
    private static readonly Lazy<string> Scripts = new(ReadScripts);

    /// <param name="connection">Its transaction has the tenant set.</param>
    /// <param name="size">Conversations to make; from 20 on, more of everything else as well.</param>
    public static async Task AddAsync(NpgsqlConnection connection, Guid tenant, int size, CancellationToken cancellationToken)
    {
        await using var missing = new NpgsqlCommand(
            "SELECT NOT EXISTS (SELECT FROM subscriptions WHERE tenant_id = $1), set_config('demo.size', $2, true)", connection);
        missing.Parameters.AddWithValue(tenant);
        missing.Parameters.AddWithValue(size.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (!(bool)(await missing.ExecuteScalarAsync(cancellationToken))!)
            return;
        await using var fill = new NpgsqlCommand(Scripts.Value, connection);
        await fill.ExecuteNonQueryAsync(cancellationToken);
    }

    private static string ReadScripts()
    {
        var assembly = Assembly.GetExecutingAssembly();
        return string.Join('\n', assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith("Seed/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                return reader.ReadToEnd();
            }));
    }
}
