using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;

namespace Platform.Standins.Tests.Resilience;

/// <summary>A client with the standard handler, whose retries come at once.</summary>
internal static class ResilientClient
{
    public static ServiceProvider Client(
        Action<HttpStandardResilienceOptions>? configure = null,
        Action<IHttpStandardResiliencePipelineBuilder>? pipeline = null)
    {
        var services = new ServiceCollection();
        var builder = services.AddHttpClient("test").AddStandardResilienceHandler(options =>
        {
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            configure?.Invoke(options);
        });
        pipeline?.Invoke(builder);
        return services.BuildServiceProvider();
    }

    public static async Task<HttpResponseMessage> Send(IServiceProvider services, HttpServer server, HttpMethod method, string? body = null)
    {
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("test");
        using var request = new HttpRequestMessage(method, server.Address);
        if (body is not null)
            request.Content = new StringContent(body);
        return await client.SendAsync(request);
    }
}
