namespace Platform.Api.Http;

/// <summary>Answers that are a page of a list, of those that aren't cached.</summary>
internal static class PageAnswer
{
    public static IResult Ok<T>(HttpContext context, Page<T> page)
    {
        LinkHeader.Write(context, page.Pagination);
        return TypedResults.Ok(page);
    }
}
