using System.Net;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "A2")]
public sealed class HealthEndpointsTests
{
    [Theory]
    [InlineData("/health", "Production")]
    [InlineData("/alive", "Production")]
    [InlineData("/health", "Development")]
    public async Task Probe_of_a_running_service_answers_one_word(string path, string environment)
    {
        await using var app = await TestApp.StartAsync(environment: environment);

        using var response = await app.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Healthy", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.False(response.Headers.Contains("Server"));
    }
}
