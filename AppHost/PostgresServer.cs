using Platform.Embedded;

namespace Platform.AppHost;

/// <summary>The Postgres server, whichever way it runs, and the connections to its one database.</summary>
internal sealed record PostgresServer(
    IDistributedApplicationBuilder Builder,
    IResourceBuilder<IResource> Resource,
    EndpointReference Endpoint,
    string AdminName,
    IResourceBuilder<ParameterResource> AdminPassword)
{
    /// <summary>The database's name; the migrations create it.</summary>
    private const string DatabaseName = "platform";

    /// <summary>A connection string of its own for one role.</summary>
    public IResourceBuilder<IResourceWithConnectionString> AddConnection(
        string name, string role, IResourceBuilder<ParameterResource> password) =>
        Builder.AddConnectionString(
            name,
            ReferenceExpression.Create(
                $"Host={Endpoint.Property(EndpointProperty.Host)};Port={Endpoint.Property(EndpointProperty.Port)};Username={role};Password={password};Database={DatabaseName}"))
            .WithParentRelationship(Resource);
}

internal static class PostgresServerExtensions
{
    private const string AdminName = "postgres";

    public static PostgresServer AddPostgresServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (!builder.IsEmbedded())
        {
            var password = builder.AddGeneratedSecret($"{name}-password");
            var container = builder.AddPostgres(name, password: password).WithDataVolume();
            return new PostgresServer(builder, container, container.GetEndpoint("tcp"), AdminName, password);
        }

        var options = new EmbeddedPostgresOptions
        {
            UserName = AdminName,
            Fresh = builder.IsFresh(),
            Ephemeral = builder.IsEphemeral(),
        };
        var server = builder.AddEmbeddedServer(
            name,
            (progress, cancellationToken) => EmbeddedPostgres.PrepareAsync(options, progress, cancellationToken),
            (endpoint, password) => ReferenceExpression.Create(
                $"Host={endpoint.Property(EndpointProperty.Host)};Port={endpoint.Property(EndpointProperty.Port)};Username={AdminName};Password={password}"),
            EmbeddedPostgres.CheckAsync);
        return new PostgresServer(builder, server, server.Resource.Endpoint, AdminName, server.Resource.Password);
    }
}
