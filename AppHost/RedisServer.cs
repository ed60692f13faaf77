using Platform.Embedded;

namespace Platform.AppHost;

internal static class RedisServerExtensions
{
    /// <summary>A server of the Redis protocol: Garnet as a process, Redis as a container.</summary>
    public static IResourceBuilder<IResourceWithConnectionString> AddRedisServer(this IDistributedApplicationBuilder builder, string name)
    {
        if (!builder.IsEmbedded())
            return builder.AddRedis(name).WithDataVolume();

        var options = new EmbeddedGarnetOptions { Fresh = builder.IsFresh(), Ephemeral = builder.IsEphemeral() };
        return builder.AddEmbeddedServer(
            name,
            (progress, cancellationToken) => EmbeddedGarnet.PrepareAsync(options, progress, cancellationToken),
            (endpoint, password) => ReferenceExpression.Create(
                $"{endpoint.Property(EndpointProperty.HostAndPort)},password={password}"),
            EmbeddedGarnet.CheckAsync);
    }
}
