using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.Api.Http;

/// <summary>The <c>Link</c> header of a list (RFC 8288): the neighbouring pages' addresses, relative to the host.</summary>
internal static class LinkHeader
{
    public static void Write(HttpContext context, Pagination pagination)
    {
        if (Create(context.Request, pagination) is { } link)
            context.Response.Headers.Link = link;
    }

    /// <returns>Null for a list that is one page asked for by cursor.</returns>
    public static string? Create(HttpRequest request, Pagination pagination)
    {
        var links = new List<string>();
        if (pagination is { Page: { } page, Total: { } total })
        {
            var last = (int)Math.Max(1, (total + pagination.Limit - 1) / pagination.Limit);
            links.Add(Link(request, "first", ("page", "1")));
            if (page > 1)
                links.Add(Link(request, "prev", ("page", $"{Math.Min(page - 1, last)}")));
            if (page < last)
                links.Add(Link(request, "next", ("page", $"{page + 1}")));
            links.Add(Link(request, "last", ("page", $"{last}")));
        }
        else if (pagination.NextCursor is { } cursor)
        {
            links.Add(Link(request, "next", ("cursor", cursor)));
        }
        return links.Count > 0 ? string.Join(", ", links) : null;
    }

    private static string Link(HttpRequest request, string relation, (string Name, string Value) place)
    {
        var query = new QueryBuilder();
        foreach (var (name, values) in QueryHelpers.ParseQuery(request.QueryString.Value))
        {
            if (name is not ("page" or "cursor"))
                query.Add(name, values.Where(value => value is not null)!);
        }
        query.Add(place.Name, place.Value);
        return $"<{request.Path.ToUriComponent()}{query.ToQueryString().ToUriComponent()}>; rel=\"{relation}\"";
    }
}
