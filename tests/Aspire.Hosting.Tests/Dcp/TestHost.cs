using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Tests.Dcp;

/// <summary>Applications on the real orchestrator, with random ports and without dashboard.</summary>
internal static class TestHost
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    public static IDistributedApplicationBuilder CreateBuilder(params string[] args)
    {
        var builder = DistributedApplicationTestingBuilder.Create(args);
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        return builder;
    }

    public static CancellationToken Soon() => new CancellationTokenSource(Deadline).Token;
}
