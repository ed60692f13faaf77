namespace Platform.Web.Formatting;

/// <summary>Where a page stands in a list.</summary>
/// <param name="Page">From 1; kept within the list.</param>
/// <param name="Total">Rows in all.</param>
internal readonly record struct Paging(int Page, int Size, long Total)
{
    public int Pages => (int)Math.Max(1, (Total + Size - 1) / Size);

    /// <summary>Number of the first row shown, from 1; 0 in an empty list.</summary>
    public long First => Total == 0 ? 0 : (long)(Page - 1) * Size + 1;

    public long Last => Math.Min(Total, (long)Page * Size);

    public bool HasPrevious => Page > 1;

    public bool HasNext => Page < Pages;

    /// <summary>A page number from an address: what isn't a page of any list becomes the first.</summary>
    public static int Parse(int? page) => page is > 0 and <= 1_000_000 ? page.Value : 1;

    /// <summary>
    /// The numbers a pager offers: first, last, the current one and its neighbours; null where some are left out.
    /// </summary>
    public IEnumerable<int?> Offered()
    {
        var previous = 0;
        for (var number = 1; number <= Pages; number++)
        {
            if (number != 1 && number != Pages && Math.Abs(number - Page) > 1)
            {
                // Far away: jump to the next number worth offering.
                number = number < Page ? Page - 2 : Pages - 1;
                continue;
            }
            // A gap of one number is shown as that number.
            if (number - previous == 2) yield return number - 1;
            else if (number - previous > 2) yield return null;
            yield return number;
            previous = number;
        }
    }
}
