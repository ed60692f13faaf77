using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Dcp;

internal static class DcpServices
{
    public static void AddDcp(this IServiceCollection services) => _ = services;
}
