namespace Platform.Embedded.Tests;

[Trait("Req", "A1")]
public sealed class EmbeddedGarnetTests
{
    [Fact]
    public async Task Start_ephemeral_answers_and_leaves_nothing()
    {
        string folder;
        await using (var server = await EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true }))
        {
            folder = server.DataFolder;
            Assert.True(Directory.Exists(folder));
        }
        Assert.False(Directory.Exists(folder));
    }
}
