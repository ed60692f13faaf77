using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Platform.Api.Http;

/// <summary>What the OpenAPI document says of the API as a whole.</summary>
internal sealed class ApiDocument : IOpenApiDocumentTransformer
{
    private const string Scheme = "bearer";

    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Platform API",
            Version = "v1",
            Description =
                "Every call acts for the tenant of its access token; another tenant's ids are unknown ids (404). Errors are " +
                "RFC 9457 problem details with a `traceId`; 422 names the invalid fields in `errors`. Lists take `page` and " +
                "`limit` (at most 50) or `cursor`. Every answer tells in `RateLimit` and `X-RateLimit-*` what is left of the caller's " +
                "limit; a 429 tells in `Retry-After` when to come back.",
        };
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            BearerFormat = "JWT",
            Description = "The `accessToken` of `POST /api/auth/login`, or an API key.",
        };
        // HEAD is GET without the body; saying so once for each would double the document.
        foreach (var path in document.Paths.Values)
            path.Operations?.Remove(HttpMethod.Head);
        document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
        return Task.CompletedTask;
    }
}
