using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.PostgreSQL;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace Aspire.Hosting;

/// <summary>Adding Postgres.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>A Postgres server in a container; the password is generated if not given, the user is <c>postgres</c>.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null, int? port = null)
    {
        var secret = password?.Resource ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password");
        var server = new PostgresServerResource(name, userName?.Resource, secret);
        return builder.AddResource(server)
            .WithEndpoint(port: port, targetPort: 5432, name: PostgresServerResource.PrimaryEndpointName)
            .WithImage("library/postgres", "18.3")
            .WithImageRegistry("docker.io")
            .WithEnvironment("POSTGRES_HOST_AUTH_METHOD", "scram-sha-256")
            .WithEnvironment("POSTGRES_INITDB_ARGS", "--auth-host=scram-sha-256 --auth-local=scram-sha-256")
            .WithEnvironment(context =>
            {
                context.EnvironmentVariables["POSTGRES_USER"] = server.UserNameReference;
                context.EnvironmentVariables["POSTGRES_PASSWORD"] = server.PasswordParameter;
            })
            .WithPostgresHealthCheck();
    }

    /// <summary>A database of the server, created when the server is ready.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder, string name, string? databaseName = null)
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.AddDatabase(name, database.DatabaseName);
        builder.OnResourceReady((_, _, cancellationToken) => CreateAsync(database, cancellationToken));
        return builder.ApplicationBuilder.AddResource(database).WithPostgresHealthCheck();
    }

    /// <summary>Keeps the data in a volume.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder, string? name = null, bool isReadOnly = false) =>
        builder.WithVolume(name ?? VolumeName.For(builder, "data"), DataFolder(builder.Resource), isReadOnly);

    /// <summary>Images from 18 on keep the data of each major version in a folder of its own.</summary>
    private static string DataFolder(PostgresServerResource server) =>
        server.TryGetLastAnnotation(out ContainerImageAnnotation? image)
        && int.TryParse((image.Tag ?? "").Split('.', '-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major < 18
            ? "/var/lib/postgresql/data"
            : "/var/lib/postgresql";

    private static IResourceBuilder<T> WithPostgresHealthCheck<T>(this IResourceBuilder<T> builder) where T : IResourceWithConnectionString
    {
        var check = $"{builder.Resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().Add(
            new HealthCheckRegistration(check, _ => new PostgresHealthCheck(builder.Resource), null, null));
        return builder.WithHealthCheck(check);
    }

    private static async Task CreateAsync(PostgresDatabaseResource database, CancellationToken cancellationToken)
    {
        await using var connection = await PostgresConnection.OpenAsync(database.Parent, "postgres", cancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The text comes from the application's author; a database's name can't be a parameter.
        command.CommandText = $"CREATE DATABASE \"{database.DatabaseName.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
#pragma warning restore CA2100
        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.DuplicateDatabase)
        {
            // It is there from an earlier run.
        }
    }
}
