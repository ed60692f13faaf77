using Platform.Web.Live;

namespace Platform.Web.Tests.Live;

[Trait("Req", "G4")]
public sealed class BackoffTests
{
    private static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Max = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 1000)]
    [InlineData(4, 4000)]
    [InlineData(7, 30000)]
    [InlineData(100000, 30000)]
    public void Next_doubles_up_to_the_longest(int failures, int ceiling)
    {
        Assert.Equal(ceiling, Backoff.Next(failures, First, Max, 1).TotalMilliseconds, 3);
        Assert.Equal(ceiling * 0.1, Backoff.Next(failures, First, Max, 0).TotalMilliseconds, 3);
    }
}
