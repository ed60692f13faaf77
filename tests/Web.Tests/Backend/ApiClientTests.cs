using Platform.Web.Backend;

namespace Platform.Web.Tests.Backend;

public sealed class ApiClientTests
{
    [Theory]
    [InlineData(null, "/api/contacts?page=3&limit=20")]
    [InlineData("  ", "/api/contacts?page=3&limit=20")]
    [InlineData(" a&b=c ", "/api/contacts?page=3&limit=20&search=a%26b%3Dc")]
    [InlineData("Zoë", "/api/contacts?page=3&limit=20&search=Zo%C3%AB")]
    public void ContactsUrl_search_is_one_parameter(string? search, string expected) =>
        Assert.Equal(expected, ApiClient.ContactsUrl(search, 3, 20));
}
