using Microsoft.Extensions.Http.Resilience;

namespace Platform.Web.Backend;

internal static class BackendExtensions
{
    private static readonly Uri Api = new("http://api");
    private static readonly Uri Realtime = new("http://realtime");

    /// <summary>The clients of the other services, found by service discovery.</summary>
    public static void AddBackend(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddTransient<ClientAddressHandler>();
        builder.Services.AddHttpClient(BackendClients.Api, client => client.BaseAddress = Api)
            .AddHttpMessageHandler<ClientAddressHandler>();
        builder.Services.AddHttpClient(BackendClients.Transfer, client => client.BaseAddress = Api).WithoutResilience();
        builder.Services.AddHttpClient(BackendClients.Realtime, client => client.BaseAddress = Realtime).WithoutResilience();
        builder.Services.AddScoped<ApiClient>();
    }

    /// <summary>
    /// For streams: a body can't be sent twice, and no deadline made for short calls fits. Callers bring their own.
    /// </summary>
    private static void WithoutResilience(this IHttpClientBuilder client)
    {
        client.ConfigureHttpClient(http => http.Timeout = Timeout.InfiniteTimeSpan);
        client.ConfigureAdditionalHttpMessageHandlers(static (handlers, _) =>
        {
            foreach (var resilience in handlers.OfType<ResilienceHandler>().ToArray()) handlers.Remove(resilience);
        });
    }
}
