using System.Text;
using Microsoft.Extensions.Options;
using Platform.Data.Images;
using Platform.Worker.Images;

namespace Platform.Worker.Tests.Images;

[Trait("Req", "D10")]
[Trait("Req", "F9")]
public sealed class VipsOptimizerTests
{
    private static readonly IReadOnlyList<ImageTarget> Avatar = ImageKinds.TargetsOf(ImageKinds.Avatar);

    [Fact]
    public async Task Picture_becomes_upright_webp_of_each_size_without_metadata()
    {
        var optimizer = await CreateAsync();
        Assert.Contains("SecretCamera", Encoding.ASCII.GetString(Pictures.Portrait), StringComparison.Ordinal);

        var files = await optimizer.RunAsync(
            Pictures.Portrait, [.. Avatar, new ImageTarget(512, IsSquare: false), new ImageTarget(24, IsSquare: false)], default);

        Assert.Equal([(64, 64), (256, 256), (48, 96), (12, 24)], files.Select(file => (file.Width, file.Height)));
        foreach (var file in files)
        {
            Assert.Equal(new ImageHeader(ImageFormat.Webp, file.Width, file.Height), ImageHeader.Read(file.Content));
            var text = Encoding.Latin1.GetString(file.Content);
            foreach (var metadata in new[] { "EXIF", "Exif", "XMP ", "ICCP", "SecretCamera" })
                Assert.DoesNotContain(metadata, text, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("half a picture")]
    [InlineData("no picture")]
    [InlineData("nothing")]
    [InlineData("a vector graphic")]
    [InlineData("a header alone")]
    public async Task File_that_is_no_whole_picture_is_refused(string which)
    {
        var file = which switch
        {
            "half a picture" => Pictures.Portrait[..^(Pictures.Portrait.Length / 6)],
            "no picture" => Encoding.UTF8.GetBytes(new string('x', 10_000)),
            "nothing" => [],
            "a vector graphic" => Encoding.UTF8.GetBytes("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"/>"),
            _ => Pictures.Png(40, 40)[..33],
        };

        await Assert.ThrowsAsync<PictureException>(async () => await (await CreateAsync()).RunAsync(file, Avatar, default));
    }

    [Fact]
    public async Task Picture_of_900_megapixels_is_refused_before_it_is_decoded()
    {
        var refused = await Assert.ThrowsAsync<PictureException>(
            async () => await (await CreateAsync()).RunAsync(Pictures.Png(30_000, 30_000), Avatar, default));

        Assert.Contains("30000 × 30000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damaged_pictures_are_refused_or_made_do_and_never_hang()
    {
        var optimizer = await CreateAsync();
        var random = new Random(7);
        foreach (var original in new[] { Pictures.Portrait, Pictures.Png(60, 1) })
        {
            for (var round = 0; round < 15; round++)
            {
                var file = original.ToArray();
                for (var i = 0; i < 6; i++)
                    file[random.Next(2, file.Length)] = (byte)random.Next(256);
                try
                {
                    Assert.Equal(2, (await optimizer.RunAsync(file, Avatar, default)).Count);
                }
                catch (PictureException)
                {
                    // As it should be, mostly.
                }
            }
        }
    }

    [Fact]
    public async Task Library_that_is_not_there_is_said_and_not_thrown()
    {
        var optimizer = new VipsOptimizer(Options.Create(new ImageOptions { Library = "/nowhere/libvips.so" }));

        Assert.Equal("/nowhere/libvips.so can't be loaded.", await optimizer.CheckAsync(default));
        await Assert.ThrowsAsync<IOException>(() => optimizer.RunAsync(Pictures.Portrait, Avatar, default));
        Assert.Null(await (await CreateAsync()).CheckAsync(default));
    }

    private static async Task<VipsOptimizer> CreateAsync() =>
        new(Options.Create(new ImageOptions { Library = await ImageLibrary.PathAsync() }));
}
