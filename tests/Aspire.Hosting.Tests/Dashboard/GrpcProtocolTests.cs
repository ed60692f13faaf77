using System.Net;
using Aspire.Hosting.Dashboard.Protocol;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>What the server does with callers that break the rules.</summary>
public sealed class GrpcProtocolTests : IAsyncLifetime
{
    private const int DeadlineExceeded = 4;
    private const int ResourceExhausted = 8;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int InvalidArgument = 3;
    private const int Unauthenticated = 16;

    private ResourceServiceFixture _host = null!;

    public async Task InitializeAsync() => _host = await ResourceServiceFixture.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    [InlineData(ResourceServiceFixture.ApiKey + "x")]
    public async Task Call_key_missing_or_wrong_is_unauthenticated(string? key)
    {
        using var client = new GrpcTestClient(_host.Address, key);

        var error = await Assert.ThrowsAsync<GrpcCallException>(() =>
            client.CallAsync("GetApplicationInformation", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser));

        Assert.Equal(Unauthenticated, error.Status);
    }

    [Theory]
    [InlineData(new byte[0], Internal)] // No message.
    [InlineData(new byte[] { 0, 0, 0 }, Internal)] // Cut off in the prefix.
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, Internal)] // Cut off in the message.
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, Unimplemented)] // Compressed.
    [InlineData(new byte[] { 0, 255, 255, 255, 255 }, ResourceExhausted)] // 4 GB announced.
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 255, 255 }, Internal)] // Not protobuf.
    public async Task Call_frame_malformed_ends_with_a_status(byte[] body, int expected)
    {
        using var call = await _host.Client.OpenAsync("GetApplicationInformation", body);

        var error = await Assert.ThrowsAsync<GrpcCallException>(() => call.ReadAsync(ApplicationInformationResponse.Parser, default));

        Assert.Equal(expected, error.Status);
    }

    [Fact]
    public async Task Call_method_unknown_is_unimplemented()
    {
        var error = await Assert.ThrowsAsync<GrpcCallException>(() =>
            _host.Client.CallAsync("UploadFile", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser));

        Assert.Equal(Unimplemented, error.Status);
    }

    [Fact]
    public async Task Call_not_grpc_is_an_unsupported_media_type()
    {
        using var call = await _host.Client.OpenAsync("GetApplicationInformation", [], contentType: "application/json");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, call.Response.StatusCode);
    }

    [Fact]
    public async Task Call_deadline_passed_ends_the_stream()
    {
        using var call = await _host.Client.OpenAsync("WatchResources", GrpcTestClient.Frame(new WatchResourcesRequest()), timeout: "200m");
        Assert.NotNull(await call.ReadAsync(WatchResourcesUpdate.Parser, default));

        var error = await Assert.ThrowsAsync<GrpcCallException>(() => call.ReadAsync(WatchResourcesUpdate.Parser, default));

        Assert.Equal(DeadlineExceeded, error.Status);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("5")]
    [InlineData("-1S")]
    public async Task Call_deadline_malformed_is_an_invalid_argument(string timeout)
    {
        var error = await Assert.ThrowsAsync<GrpcCallException>(() => _host.Client.CallAsync(
            "GetApplicationInformation", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser, timeout));

        Assert.Equal(InvalidArgument, error.Status);
    }
}
