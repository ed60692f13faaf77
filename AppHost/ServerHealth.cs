using Npgsql;
using StackExchange.Redis;

namespace Platform.AppHost;

/// <summary>Asks a server whether it answers; throws when it doesn't within two seconds.</summary>
internal static class ServerHealth
{
    private const int TimeoutSeconds = 2;

    public static async Task PostgresAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, Timeout = TimeoutSeconds, CommandTimeout = TimeoutSeconds };
        await using var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand("SELECT 1", connection);
        await command.ExecuteScalarAsync(cancellationToken);
    }

    public static async Task RedisAsync(string connectionString, CancellationToken cancellationToken)
    {
        var settings = ConfigurationOptions.Parse(connectionString);
        settings.ConnectTimeout = TimeoutSeconds * 1000;
        settings.AbortOnConnectFail = true;
        using var connection = await ConnectionMultiplexer.ConnectAsync(settings).WaitAsync(cancellationToken);
        await connection.GetDatabase().PingAsync().WaitAsync(TimeSpan.FromSeconds(TimeoutSeconds), cancellationToken);
    }
}
