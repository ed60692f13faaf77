using System.Net;
using System.Net.Sockets;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Platform.Data.Tests;

[Trait("Req", "B2")]
public sealed class RoundTripTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>
{
    [Fact]
    public async Task Query_with_tenant_takes_one_round_trip()
    {
        await using var wire = await Wire.StartAsync(new NpgsqlConnectionStringBuilder(database.AppConnectionString).Port);
        await using var pool = Pool(wire);
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        Assert.Equal(40, await db.Contacts.CountAsync());

        var before = wire.Turns;
        Assert.Equal(40, await db.Contacts.CountAsync());

        Assert.Equal(1, wire.Turns - before);
    }

    [Fact]
    public async Task Change_by_one_statement_takes_one_round_trip()
    {
        await using var wire = await Wire.StartAsync(new NpgsqlConnectionStringBuilder(database.AppConnectionString).Port);
        await using var pool = Pool(wire);
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        Assert.Equal(40, await db.Contacts.CountAsync());

        var before = wire.Turns;
        Assert.Equal(40, await db.Contacts.ExecuteUpdateAsync(
            set => set.SetProperty(contact => contact.Name, contact => contact.Name + "!")));

        Assert.Equal(1, wire.Turns - before);
    }

    [Fact]
    public async Task Transaction_starts_with_the_tenant_in_one_round_trip()
    {
        await using var wire = await Wire.StartAsync(new NpgsqlConnectionStringBuilder(database.AppConnectionString).Port);
        await using var pool = Pool(wire);
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        Assert.Equal(40, await db.Contacts.CountAsync());

        var before = wire.Turns;
        await using (var transaction = await db.BeginAsync())
        {
            Assert.Equal(1, wire.Turns - before);
            Assert.Equal(40, await db.Contacts.CountAsync());
            Assert.Equal(2, wire.Turns - before);
            await transaction.CommitAsync();
        }

        Assert.Equal(3, wire.Turns - before);
    }

    [Fact]
    public async Task Scalar_is_the_querys_and_not_the_settings()
    {
        await using var pool = database.CreateAppPool(size: 1);
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);
        var raw = db.GetService<IRawSqlCommandBuilder>().Build("SELECT count(*) FROM contacts", []);

        var count = await raw.RelationalCommand.ExecuteScalarAsync(
            new RelationalCommandParameterObject(db.GetService<IRelationalConnection>(), raw.ParameterValues, null, db,
            db.GetService<IRelationalCommandDiagnosticsLogger>()));

        Assert.Equal(5L, count);
    }

    [Fact]
    public async Task Query_that_fails_says_so_and_leaves_its_connection_usable()
    {
        await using var pool = database.CreateAppPool(size: 1);
        await using (var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex))
        {
            var error = await Assert.ThrowsAsync<PostgresException>(
                () => db.Database.SqlQuery<int>($"SELECT 1 / 0 AS \"Value\"").ToListAsync());
            Assert.Equal(PostgresErrorCodes.DivisionByZero, error.SqlState);
            Assert.Throws<PostgresException>(() => db.Database.SqlQuery<int>($"SELECT 1 / 0 AS \"Value\"").ToList());
            Assert.Equal(5, await db.Contacts.CountAsync());
            Assert.Equal(5, db.Contacts.Count());
        }
        await using var other = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        Assert.Equal(40, await other.Contacts.CountAsync());
    }

    [Fact]
    public async Task Page_isnt_planned_anew_for_each_request()
    {
        await using var pool = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.AppConnectionString)
        {
            MaxPoolSize = 1, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2,
        });
        for (var i = 0; i < 20; i++)
        {
            await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
            Assert.Equal(21, (await db.Contacts.OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id).AtMost(21).ToListAsync()).Count);
        }

        // The first five executions of a statement are always planned; after them the planner compares.
        await using var plans = pool.CreateCommand(
            "SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement LIKE '%FROM contacts%LIMIT 21'");
        await using var reader = await plans.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.True(reader.GetInt64(0) >= 10, $"{reader.GetInt64(0)} general plans, {reader.GetInt64(1)} others");
    }

    private NpgsqlDataSource Pool(Wire wire) => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.AppConnectionString)
    {
        Port = wire.Port, MaxPoolSize = 1, SslMode = SslMode.Disable, MaxAutoPrepare = 20, AutoPrepareMinUsages = 2,
    });

    /// <summary>Stands between client and server and counts how often the talk turns from the one to the other.</summary>
    private sealed class Wire : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stop = new();
        private readonly Lock _lock = new();
        private Task _running = Task.CompletedTask;
        private bool _clientSpeaks;
        private int _turns;

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Turns
        {
            get
            {
                lock (_lock)
                    return _turns;
            }
        }

        public static Task<Wire> StartAsync(int serverPort)
        {
            var wire = new Wire();
            wire._listener.Start();
            wire._running = wire.RunAsync(serverPort);
            return Task.FromResult(wire);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task RunAsync(int serverPort)
        {
            var pumps = new List<Task>();
            try
            {
                while (true)
                {
                    var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    var server = new TcpClient { NoDelay = true };
                    await server.ConnectAsync(IPAddress.Loopback, serverPort, _stop.Token);
                    pumps.Add(PumpAsync(client, server, fromClient: true));
                    pumps.Add(PumpAsync(server, client, fromClient: false));
                }
            }
            finally
            {
                await Task.WhenAll(pumps).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        private async Task PumpAsync(TcpClient from, TcpClient to, bool fromClient)
        {
            using var source = from;
            var buffer = new byte[64 * 1024];
            for (int read; (read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0;)
            {
                lock (_lock)
                {
                    if (fromClient && !_clientSpeaks)
                        _turns++;
                    _clientSpeaks = fromClient;
                }
                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
    }
}
