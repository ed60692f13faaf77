using Swashbuckle.AspNetCore.SwaggerUI;

namespace Platform.Api.Http;

/// <summary>A page to read and try the API by hand, <c>/swagger</c>: it shows what the OpenAPI document says.</summary>
internal static class ApiPage
{
    private const string Path = "/swagger";

    // Scripts and styles are the page's own; it asks nobody but this API.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static IApplicationBuilder UseApiPage(this IApplicationBuilder app) =>
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Path, StringComparison.Ordinal), branch => branch
            .Use((context, next) =>
            {
                context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                context.Response.Headers.XContentTypeOptions = "nosniff";
                context.Response.Headers["Referrer-Policy"] = "no-referrer";
                return next(context);
            })
            .UseSwaggerUI(options =>
            {
                options.RoutePrefix = Path[1..];
                options.DocumentTitle = "Platform API";
                options.SwaggerEndpoint("/openapi/v1.json", "v1");
                options.DocExpansion(DocExpansion.None);
                options.ConfigObject.AdditionalItems["tagsSorter"] = "alpha";
                options.DefaultModelsExpandDepth(-1); // hundreds of models; each operation shows its own
                options.EnableFilter();
                options.DisplayRequestDuration();
            }));
}
