using System.Net;
using System.Net.Http.Headers;
using Platform.Testing;

namespace Platform.EndToEnd.Tests;

[Collection(PlatformCollection.Name)]
[Trait("Req", "D10")]
[Trait("Req", "F9")]
public sealed class ImageTests(PlatformFixture platform)
{
    [Fact]
    public async Task Uploaded_avatar_is_made_ready_by_the_worker_and_served()
    {
        using var api = await platform.SignInAsync(PlatformFixture.AcmeAgent);
        var picture = await File.ReadAllBytesAsync(Samples.Portrait);
        HttpResponseMessage? answer = null;
        // The Worker says that it can once it has tried.
        await Eventually.TrueAsync(
            async () => (answer = await PutAsync(api, picture)).StatusCode != HttpStatusCode.ServiceUnavailable,
            TimeSpan.FromSeconds(20), "No Worker works on pictures.");
        Assert.Equal(HttpStatusCode.Accepted, answer!.StatusCode);

        await api.FinishedJobAsync(answer.Headers.Location!.OriginalString.Split('/')[3], TimeSpan.FromMinutes(1));

        var avatar = await api.GetJsonAsync("/api/user/profile/avatar");
        Assert.Equal("completed", avatar.GetProperty("status").GetString());
        foreach (var file in avatar.GetProperty("files").EnumerateArray())
        {
            using var served = await api.GetAsync(new Uri(file.GetProperty("url").GetString()!, UriKind.Relative));
            Assert.Equal("image/webp", served.Content.Headers.ContentType?.MediaType);
            Assert.Equal(file.GetProperty("bytes").GetInt32(), (await served.Content.ReadAsByteArrayAsync()).Length);
        }
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient api, byte[] picture) => api.PutAsync(
        new Uri("/api/user/profile/avatar", UriKind.Relative),
        new ByteArrayContent(picture) { Headers = { ContentType = new MediaTypeHeaderValue("image/jpeg") } });
}
