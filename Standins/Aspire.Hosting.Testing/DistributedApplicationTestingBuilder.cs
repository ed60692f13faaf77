using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>
/// Runs an AppHost inside a test: its own entry point, with random ports, and without dashboard unless <c>DisableDashboard=false</c> is
/// among the arguments.
/// </summary>
public static class DistributedApplicationTestingBuilder
{
    /// <summary>The AppHost that <typeparamref name="TEntryPoint"/> belongs to, usually its generated class in <c>Projects</c>.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], cancellationToken);

    /// <summary>The AppHost that <typeparamref name="TEntryPoint"/> belongs to, with command line arguments.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <summary>The AppHost that <typeparamref name="TEntryPoint"/> belongs to, with command line arguments and options.</summary>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) where TEntryPoint : class =>
            CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <summary>The AppHost that a type belongs to.</summary>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint, string[] args, Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        var run = new AppHostRun(entryPoint.Assembly, args, configureBuilder);
        try
        {
            return new TestingBuilder(run, await run.StartAsync(cancellationToken));
        }
        catch
        {
            await run.AbandonAsync();
            throw;
        }
    }

    /// <summary>An empty application.</summary>
    public static IDistributedApplicationTestingBuilder Create(params string[] args)
    {
        var options = new DistributedApplicationOptions { Args = [.. TestDefaults.Arguments(args), .. args] };
        return new TestingBuilder(null, new DistributedApplicationBuilder(options));
    }
}
