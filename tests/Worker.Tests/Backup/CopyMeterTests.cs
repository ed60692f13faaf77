using Platform.Worker.Backup;

namespace Platform.Worker.Tests.Backup;

public sealed class CopyMeterTests
{
    // Header; a row of 7 and NULL; a row of no fields; a row of an empty field and "ab"; the end.
    private static readonly byte[] Rows = Convert.FromHexString(
        "5047434F50590AFF0D0A00" + "00000000" + "00000000"
        + "0002" + "0000000400000007" + "FFFFFFFF" + "0000" + "0002" + "00000000" + "000000026162" + "FFFF");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Rows_are_counted_however_they_are_cut(int size)
    {
        using var meter = new CopyMeter();
        foreach (var piece in Rows.Chunk(size))
        {
            meter.Add(piece);
        }

        Assert.Equal((3L, (long)Rows.Length, true), (meter.Rows, meter.Bytes, meter.IsComplete));
        Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Rows)), meter.Sha256);
    }

    [Fact]
    public void Rows_without_their_end_are_not_complete()
    {
        using var meter = new CopyMeter();

        meter.Add(Rows.AsSpan(0, Rows.Length - 2));

        Assert.False(meter.IsComplete);
    }
}
