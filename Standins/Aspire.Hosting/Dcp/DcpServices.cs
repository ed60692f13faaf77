using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Dcp;

internal static class DcpServices
{
    public static void AddDcp(this IServiceCollection services)
    {
        services.AddSingleton<Lifeline>();
        services.AddSingleton<DcpHost>();
        services.AddSingleton<DcpExecutor>();
        services.AddSingleton<ServiceAllocator>();
        services.AddSingleton<SpecBuilder>();
    }
}
