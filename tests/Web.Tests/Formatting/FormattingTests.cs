using Platform.Web.Formatting;

namespace Platform.Web.Tests.Formatting;

public sealed class FormattingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0 contacts")]
    [InlineData(1, "1 contact")]
    [InlineData(12345, "12,345 contacts")]
    public void Count_agrees_with_its_noun(long number, string expected) => Assert.Equal(expected, Numbers.Count(number, "contact"));

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(812, "812 B")]
    [InlineData(1000, "1 KB")]
    [InlineData(1434, "1.4 KB")]
    [InlineData(712_345, "696 KB")]
    [InlineData(52_428_800, "50 MB")]
    public void Size_uses_the_largest_fitting_unit(long bytes, string expected) => Assert.Equal(expected, Numbers.Size(bytes));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(5, 0, 0)]
    [InlineData(9999, 10000, 99)]
    [InlineData(10000, 10000, 100)]
    [InlineData(12000, 10000, 100)]
    public void Percent_is_100_only_when_done(long done, long total, int expected) => Assert.Equal(expected, Numbers.Percent(done, total));

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(20, "just now")]
    [InlineData(60, "1 minute ago")]
    [InlineData(600, "10 minutes ago")]
    [InlineData(3600, "1 hour ago")]
    [InlineData(7200, "2 hours ago")]
    [InlineData(86400, "yesterday")]
    [InlineData(3 * 86400, "3 days ago")]
    [InlineData(10 * 86400, "11 Nov 2026")]
    public void Relative_near_times_in_words_far_ones_as_date(int secondsAgo, string expected) =>
        Assert.Equal(expected, Times.Relative(Now.AddSeconds(-secondsAgo), Now));

    [Fact]
    public void Machine_is_universal_time() =>
        Assert.Equal("2026-11-21T10:00:00Z", Times.Machine(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.FromHours(2))));

    [Theory]
    [InlineData(null, "?")]
    [InlineData("  ", "?")]
    [InlineData("acme", "A")]
    [InlineData("Ada Lovelace", "AL")]
    [InlineData("José Luis García", "JG")]
    [InlineData("(Dr.) Юлия Иванова", "DИ")]
    [InlineData("山田 太郎", "山太")]
    [InlineData("🙂 🙂", "?")]
    [InlineData("😀 Smith", "S")]
    public void Initials_take_whole_letters(string? name, string expected) => Assert.Equal(expected, People.Initials(name));

    [Fact]
    public void Tint_is_one_of_the_style_sheets_and_stays()
    {
        Assert.All(new[] { "Ada", "Grace", "", "山田", null }, name => Assert.InRange(People.Tint(name), 0, People.Tints - 1));
        Assert.Equal(People.Tint("Ada Lovelace"), People.Tint("Ada Lovelace"));
    }

    [Fact]
    [Trait("Req", "F9")]
    public void Describe_every_reason_of_the_import_rules_has_words()
    {
        string[] reasons =
        [
            "wrong_number_of_columns", "invalid_email", "invalid_phone", "missing_name", "name_too_long",
            "missing_email_and_phone", "duplicate_email", "duplicate_phone",
        ];

        Assert.All(reasons, reason => Assert.NotEqual(reason.Replace('_', ' '), Rejections.Describe(reason)));
        Assert.Equal("some new reason", Rejections.Describe("some_new_reason"));
    }
}
