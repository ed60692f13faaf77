using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Platform.Web.Backend;

namespace Platform.Web.Tests.Backend;

[Trait("Req", "D4")]
public sealed class ProblemReaderTests
{
    [Fact]
    public void Parse_validation_problem_names_fields()
    {
        var problem = ProblemReader.Parse(HttpStatusCode.UnprocessableEntity,
            """{"title":"Unprocessable","detail":"Not valid.","traceId":"abc","errors":{"email":["Not an address.","Too long."],"Name":"Missing."}}""", null);

        Assert.Equal(ApiFailure.Invalid, problem.Failure);
        Assert.Equal("Not valid.", problem.Detail);
        Assert.Equal("abc", problem.TraceId);
        Assert.Equal("Not an address. Too long.", problem.For("email"));
        Assert.Equal("Missing.", problem.For("name"));
        Assert.Null(problem.For("phone"));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, ApiFailure.SignedOut)]
    [InlineData(HttpStatusCode.PaymentRequired, ApiFailure.PlanRequired)]
    [InlineData(HttpStatusCode.Forbidden, ApiFailure.Forbidden)]
    [InlineData(HttpStatusCode.NotFound, ApiFailure.NotFound)]
    [InlineData(HttpStatusCode.Conflict, ApiFailure.Conflict)]
    [InlineData(HttpStatusCode.PreconditionFailed, ApiFailure.Changed)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge, ApiFailure.TooLarge)]
    [InlineData(HttpStatusCode.UnsupportedMediaType, ApiFailure.Invalid)]
    [InlineData(HttpStatusCode.TooManyRequests, ApiFailure.RateLimited)]
    [InlineData(HttpStatusCode.ServiceUnavailable, ApiFailure.Unavailable)]
    [InlineData(HttpStatusCode.InternalServerError, ApiFailure.Unexpected)]
    public void Parse_status_tells_the_failure(HttpStatusCode status, ApiFailure expected) =>
        Assert.Equal(expected, ProblemReader.Parse(status, null, null).Failure);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("[1,2]")]
    [InlineData("""{"detail":5,"errors":[1]}""")]
    public void Parse_body_of_another_kind_still_gives_words(string? body)
    {
        var problem = ProblemReader.Parse(HttpStatusCode.BadGateway, body, null);

        Assert.Equal(ApiFailure.Unavailable, problem.Failure);
        Assert.NotEmpty(problem.Detail);
        Assert.Empty(problem.Errors);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public void Parse_fault_of_the_service_shows_none_of_its_words(HttpStatusCode status) =>
        Assert.DoesNotContain("NullReference", ProblemReader.Parse(status, """{"detail":"NullReferenceException at X"}""", null).Detail, StringComparison.Ordinal);

    [Fact]
    [Trait("Req", "E3")]
    public async Task ReadAsync_limit_says_how_long_to_wait()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Content = new StringContent("{}", Encoding.UTF8, "application/problem+json") };
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(12));

        var problem = await ProblemReader.ReadAsync(response, TimeProvider.System, CancellationToken.None);

        Assert.Equal(TimeSpan.FromSeconds(12), problem.RetryAfter);
        Assert.Contains("in 12 seconds", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_huge_body_is_left_unread()
    {
        using var response = new HttpResponseMessage(HttpStatusCode.BadRequest)
        {
            Content = new StringContent($$"""{"detail":"{{new string('x', 100_000)}}"}""", Encoding.UTF8, "application/problem+json"),
        };

        Assert.True((await ProblemReader.ReadAsync(response, TimeProvider.System, CancellationToken.None)).Detail.Length < 200);
    }

    [Fact]
    public void WaitOf_date_in_the_past_is_no_wait() =>
        Assert.Equal(TimeSpan.Zero, ProblemReader.WaitOf(new RetryConditionHeaderValue(DateTimeOffset.UnixEpoch), TimeProvider.System));
}
