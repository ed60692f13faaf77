using System.IO.Compression;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.ResponseCompression;
using Platform.Data.Webhooks;
using Platform.ServiceDefaults;

namespace Platform.Api.Http;

internal static class ApiHttpExtensions
{
    /// <summary>What every endpoint relies on: problem details, JSON, compression, proxies, the OpenAPI document.</summary>
    public static void AddApiHttp(this WebApplicationBuilder builder)
    {
        builder.AddPlatformProblemDetails();
        builder.Services.AddExceptionHandler<ApiExceptionHandler>();
        // In every environment: the handler above turns it into a problem that names what was wrong.
        builder.Services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.MaxDepth = 16;
            options.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            options.SerializerOptions.AllowDuplicateProperties = false;
        });
        builder.Services.AddSingleton<CursorCodec>();
        builder.Services.AddScoped<Idempotency>();
        builder.Services.AddSingleton<CachedAnswers>();
        builder.Services.AddWebhookOutbox();
        builder.Services.AddSingleton<ChangeNotice>();
        builder.Services.AddOpenApi("v1", options =>
            options.AddDocumentTransformer<ApiDocument>().AddOperationTransformer<AnonymousOperations>());
        builder.Services.AddPublicAnswers();
        AddCompression(builder.Services);
        AddProxies(builder);
    }

    private static void AddCompression(IServiceCollection services)
    {
        // Over TLS an attacker who can put text beside a secret could guess it from the length. No answer of this API
        // holds both: those with tokens repeat nothing of the request.
        services.AddResponseCompression(options =>
        {
            options.EnableForHttps = true;
            options.Providers.Add<BrotliCompressionProvider>();
            options.Providers.Add<GzipCompressionProvider>();
            options.MimeTypes = ["application/json", "application/problem+json", "text/csv"];
        });
        services.AddSingleton<IResponseCompressionProvider, AnswerCompression>();
        // Brotli 4 and gzip 6.
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Optimal);
    }

    private static void AddProxies(WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ProxyOptions>()
            .BindConfiguration(ProxyOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        var proxies = builder.Configuration.GetSection(ProxyOptions.Section).Get<ProxyOptions>() ?? new ProxyOptions();
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.ForwardLimit = proxies.ForwardLimit;
            foreach (var network in proxies.KnownNetworks)
                options.KnownIPNetworks.Add(System.Net.IPNetwork.Parse(network));
        });
    }
}
