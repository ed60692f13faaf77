using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting;

/// <summary>Adding Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>A Redis server in a container, with a generated password.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(this IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddRedis(name, port, null);

    /// <summary>A Redis server in a container; the password is generated if not given.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder, string name, int? port = null, IResourceBuilder<ParameterResource>? password = null)
    {
        var secret = password?.Resource
            ?? ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, $"{name}-password", special: false);
        var redis = new RedisResource(name, secret);
        var check = $"{name}_check";
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(check, _ => new RedisHealthCheck(redis), null, null));
        return builder.AddResource(redis)
            .WithEndpoint(port: port, targetPort: 6379, name: RedisResource.PrimaryEndpointName)
            .WithImage("library/redis", "8.6")
            .WithImageRegistry("docker.io")
            .WithHealthCheck(check)
            .WithEntrypoint("/bin/sh")
            .WithEnvironment(context =>
            {
                if (redis.PasswordParameter is { } wanted)
                    context.EnvironmentVariables["REDIS_PASSWORD"] = wanted;
            })
            .WithArgs(context => AddArguments(redis, context))
            .WithShellExecution();
    }

    /// <summary>Keeps the data in a volume, and has it saved.</summary>
    public static IResourceBuilder<RedisResource> WithDataVolume(
        this IResourceBuilder<RedisResource> builder, string? name = null, bool isReadOnly = false)
    {
        builder.WithVolume(name ?? VolumeName.For(builder, "data"), "/data", isReadOnly);
        return isReadOnly ? builder : builder.WithPersistence();
    }

    /// <summary>Has the data saved when so many keys have changed, at most every interval: by default 1 key and 60 s.</summary>
    public static IResourceBuilder<RedisResource> WithPersistence(
        this IResourceBuilder<RedisResource> builder, TimeSpan? interval = null, long keysChangedThreshold = 1) =>
        builder.WithAnnotation(new RedisPersistenceAnnotation(
            interval ?? TimeSpan.FromSeconds(60), keysChangedThreshold), ResourceAnnotationMutationBehavior.Replace);

    private static IResourceBuilder<RedisResource> WithShellExecution(this IResourceBuilder<RedisResource> builder)
    {
        // The shell puts the password in place, so that it doesn't show in the list of processes of the container's host.
        builder.Resource.ShellExecution = true;
        return builder;
    }

    private static void AddArguments(RedisResource redis, CommandLineArgsCallbackContext context)
    {
        context.Args.Add("redis-server");
        if (redis.PasswordParameter is not null)
        {
            context.Args.Add("--requirepass");
            context.Args.Add("$REDIS_PASSWORD");
        }

        if (redis.TryGetLastAnnotation(out RedisPersistenceAnnotation? persistence))
        {
            context.Args.Add("--save");
            context.Args.Add(Math.Max(1, persistence.Interval.TotalSeconds).ToString("0", CultureInfo.InvariantCulture));
            context.Args.Add(persistence.Keys.ToString(CultureInfo.InvariantCulture));
        }
    }

    private sealed record RedisPersistenceAnnotation(TimeSpan Interval, long Keys) : IResourceAnnotation;
}
