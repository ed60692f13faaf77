using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Platform.Web.Backend;

namespace Platform.Web.Tests.Backend;

[Trait("Req", "E2")]
public sealed class ClientAddressHandlerTests
{
    [Theory]
    [InlineData("203.0.113.7", false, "203.0.113.7")]
    [InlineData("2001:db8::1", false, "2001:db8::1")]
    [InlineData("203.0.113.7", true, null)]
    [InlineData(null, false, null)]
    public async Task Visitors_address_goes_along_until_they_are_signed_in(string? address, bool isSignedIn, string? expected)
    {
        var accessor = new HttpContextAccessor { HttpContext = address is null ? null : new DefaultHttpContext() };
        if (address is not null)
            accessor.HttpContext!.Connection.RemoteIpAddress = IPAddress.Parse(address);
        var receiver = new Receiver();
        using var client = new HttpMessageInvoker(new ClientAddressHandler(accessor) { InnerHandler = receiver });
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://api/api/auth/login");
        if (isSignedIn)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "token");

        // A second attempt of the same request adds nothing.
        for (var attempt = 0; attempt < 2; attempt++)
            await client.SendAsync(request, default);

        Assert.Equal(expected, receiver.ForwardedFor);
    }

    private sealed class Receiver : HttpMessageHandler
    {
        public string? ForwardedFor { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            ForwardedFor = request.Headers.TryGetValues("X-Forwarded-For", out var values) ? string.Join(", ", values) : null;
            return Task.FromResult(new HttpResponseMessage());
        }
    }
}
