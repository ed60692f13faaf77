using Platform.Web.Formatting;

namespace Platform.Web.Tests.Formatting;

[Trait("Req", "D2")]
public sealed class PagingTests
{
    [Theory]
    [InlineData(1, 0, 1, 0, 0)]
    [InlineData(1, 20, 1, 1, 20)]
    [InlineData(1, 21, 2, 1, 20)]
    [InlineData(2, 21, 2, 21, 21)]
    [InlineData(512, 10234, 512, 10221, 10234)]
    public void Paging_rows_of_a_page(int page, long total, int pages, long first, long last)
    {
        var paging = new Paging(page, 20, total);

        Assert.Equal((pages, first, last), (paging.Pages, paging.First, paging.Last));
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(0, 1)]
    [InlineData(-4, 1)]
    [InlineData(7, 7)]
    [InlineData(int.MaxValue, 1)]
    public void Parse_number_of_no_page_is_the_first(int? page, int expected) => Assert.Equal(expected, Paging.Parse(page));

    [Theory]
    [InlineData(1, 1, "1")]
    [InlineData(1, 2, "1 2")]
    [InlineData(1, 9, "1 2 … 9")]
    [InlineData(2, 9, "1 2 3 … 9")]
    [InlineData(3, 9, "1 2 3 4 … 9")]
    [InlineData(4, 9, "1 2 3 4 5 … 9")]
    [InlineData(5, 9, "1 … 4 5 6 … 9")]
    [InlineData(6, 9, "1 … 5 6 7 8 9")]
    [InlineData(9, 9, "1 … 8 9")]
    [InlineData(300, 500000, "1 … 299 300 301 … 500000")]
    public void Offered_first_last_and_neighbours(int page, int pages, string expected) =>
        Assert.Equal(expected, string.Join(' ', new Paging(page, 20, pages * 20L).Offered().Select(number => number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "…")));

    [Fact]
    public void HasNext_ends_with_the_last_page()
    {
        Assert.True(new Paging(1, 20, 21).HasNext);
        Assert.False(new Paging(2, 20, 21).HasNext);
        Assert.False(new Paging(1, 20, 21).HasPrevious);
    }
}
