using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.WebUtilities;

namespace Platform.Api.Http;

/// <summary>The <c>Link</c> header of a list (RFC 8288): the neighbouring pages' addresses, relative to the host.</summary>
internal static class LinkHeader
{
    public static void Write(HttpContext context, Pagination pagination)
    {
        var links = new List<string>();
        if (pagination is { Page: { } page, Total: { } total })
        {
            var last = (int)Math.Max(1, (total + pagination.Limit - 1) / pagination.Limit);
            links.Add(Link(context, "first", ("page", "1")));
            if (page > 1)
                links.Add(Link(context, "prev", ("page", $"{Math.Min(page - 1, last)}")));
            if (page < last)
                links.Add(Link(context, "next", ("page", $"{page + 1}")));
            links.Add(Link(context, "last", ("page", $"{last}")));
        }
        else if (pagination.NextCursor is { } cursor)
        {
            links.Add(Link(context, "next", ("cursor", cursor)));
        }
        if (links.Count > 0)
            context.Response.Headers.Link = string.Join(", ", links);
    }

    private static string Link(HttpContext context, string relation, (string Name, string Value) place)
    {
        var query = new QueryBuilder();
        foreach (var (name, values) in QueryHelpers.ParseQuery(context.Request.QueryString.Value))
        {
            if (name is not ("page" or "cursor"))
                query.Add(name, values.Where(value => value is not null)!);
        }
        query.Add(place.Name, place.Value);
        return $"<{context.Request.Path.ToUriComponent()}{query.ToQueryString().ToUriComponent()}>; rel=\"{relation}\"";
    }
}
