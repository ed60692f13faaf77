using System.Net.Http.Headers;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Platform.Web.Backend;
using Platform.Web.Sessions;

namespace Platform.Web.Transfers;

/// <summary>
/// Files on their way between browser and API. They pass through this service, which adds the user's token, but are never
/// held by it: the body of the one request is the body of the other.
/// </summary>
internal static partial class TransferExtensions
{
    /// <summary>The largest file the API takes.</summary>
    public const long MaxFileBytes = 50L * 1024 * 1024;

    /// <summary>What a multipart body adds around a file.</summary>
    private const long Envelope = 64 * 1024;

    /// <summary>A slow line (1 Mbit/s) brings 50 MB in 7 minutes.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(15);

    public static void MapTransfers(this IEndpointRouteBuilder routes)
    {
        var transfers = routes.MapGroup("/import/transfer").RequireAuthorization().DisableAntiforgery();
        transfers.MapPost("", UploadAsync);
        transfers.MapGet("{id:guid}/rejected.csv", DownloadRejectedAsync);
    }

    private static async Task<IResult> UploadAsync(HttpContext context, TransferProxy proxy, IAntiforgery antiforgery)
    {
        // The token comes in a header, so that checking it doesn't read the body.
        if (string.IsNullOrEmpty(context.Request.Headers[AntiforgeryHeader]) || !await antiforgery.IsRequestValidAsync(context))
            return Results.Problem("The page is out of date. Reload it and try again.", statusCode: StatusCodes.Status400BadRequest);
        if (!context.Request.HasFormContentType)
            return Results.Problem("A file is expected.", statusCode: StatusCodes.Status415UnsupportedMediaType);
        if (context.Request.ContentLength > MaxFileBytes + Envelope)
            return Results.Problem("The file is larger than 50 MB.", statusCode: StatusCodes.Status413PayloadTooLarge);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = MaxFileBytes + Envelope;

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(Deadline);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/imports") { Content = new StreamContent(context.Request.Body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(context.Request.ContentType!);
        request.Content.Headers.ContentLength = context.Request.ContentLength;
        return await proxy.ForwardAsync(context, "imports.upload", request, deadline.Token);
    }

    private static async Task<IResult> DownloadRejectedAsync(HttpContext context, Guid id, TransferProxy proxy)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        deadline.CancelAfter(Deadline);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/imports/{id}/rejected.csv");
        return await proxy.ForwardAsync(context, "imports.rejected", request, deadline.Token);
    }

    private const string AntiforgeryHeader = "RequestVerificationToken";

    public static void AddTransfers(this IHostApplicationBuilder builder) => builder.Services.AddSingleton<TransferProxy>();
}
