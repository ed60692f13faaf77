using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.Extensions.Options;

namespace Platform.Api.Http;

/// <summary>Compresses on the way out what wasn't compressed before, but nothing that is too small to gain.</summary>
internal sealed class AnswerCompression(IServiceProvider services, IOptions<ResponseCompressionOptions> options)
    : ResponseCompressionProvider(services, options)
{
    public override bool ShouldCompressResponse(HttpContext context) =>
        context.Response.ContentLength is not < AnswerBody.CompressAbove && base.ShouldCompressResponse(context);
}
