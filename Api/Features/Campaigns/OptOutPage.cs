using System.Net.Mime;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Platform.Api.Features.Campaigns;

/// <summary>What somebody sees who follows the link to opt out. Nothing of whom it is for: links are forwarded, and looked at by scanners.</summary>
internal static class OptOutPage
{
    /// <summary>Only a button opts out: mail programs and scanners follow every link.</summary>
    public static IResult Ask(HttpContext context) => Page(
        context,
        """
        <p>Do you want no more of these messages?</p>
        <form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>Unsubscribe</button></form>
        """);

    public static IResult Done(HttpContext context) => Page(context, "<p>You have unsubscribed. You won't get these messages any more.</p>");

    private static ContentHttpResult Page(HttpContext context, string content)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(
            $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">
            <title>Unsubscribe</title>
            </head>
            <body><main><h1>Unsubscribe</h1>
            {content}
            </main></body>
            </html>
            """,
            $"{MediaTypeNames.Text.Html}; charset=utf-8");
    }
}
