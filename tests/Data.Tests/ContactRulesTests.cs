using Platform.Data.Contacts;

namespace Platform.Data.Tests;

[Trait("Req", "D4")]
public sealed class ContactRulesTests
{
    [Theory]
    [InlineData("Ada", "ada@example.com", null, "Ada", "ada@example.com", null)]
    [InlineData("  Ada  ", " ada@example.com ", "  ", "Ada", "ada@example.com", null)]
    [InlineData("李雷", "李雷@例子.example", "+86 (10) 5550-1234", "李雷", "李雷@例子.example", "+861055501234")]
    [InlineData("Zoe\u0308", null, "0044 7700 900123", "Zo\u00EB", null, "+447700900123")]
    [InlineData("O'Hara \U0001F600", "o'h+t@x.example.org", "202.555.0123", "O'Hara \U0001F600", "o'h+t@x.example.org", "2025550123")]
    public void Check_tidies_valid_fields(string? name, string? email, string? phone, string tidyName, string? tidyEmail, string? tidyPhone)
    {
        Assert.Empty(ContactRules.Check(name, email, phone, out var fields));

        Assert.Equal(new ContactFields(tidyName, tidyEmail, tidyPhone), fields);
    }

    [Theory]
    [InlineData(null, "a@b.example", null, "name")]
    [InlineData(" \t ", "a@b.example", null, "name")]
    [InlineData("A\nB", "a@b.example", null, "name")]
    [InlineData("A", null, null, "email")]
    [InlineData("A", "plain", null, "email")]
    [InlineData("A", "@b.example", null, "email")]
    [InlineData("A", "a@", null, "email")]
    [InlineData("A", "a@b", null, "email")]
    [InlineData("A", "a@b..example", null, "email")]
    [InlineData("A", "a@-b.example", null, "email")]
    [InlineData("A", "a@b@c.example", null, "email")]
    [InlineData("A", "a b@c.example", null, "email")]
    [InlineData("A", ".a@c.example", null, "email")]
    [InlineData("A", "<a@c.example>", null, "email")]
    [InlineData("A", "a@c_d.example", null, "email")]
    [InlineData("A", null, "123456", "phone")]
    [InlineData("A", null, "1234567890123456", "phone")]
    [InlineData("A", null, "++12025550123", "phone")]
    [InlineData("A", null, "1-800-FLOWERS", "phone")]
    [InlineData("A", null, "١٢٣٤٥٦٧٨", "phone")]
    public void Check_names_the_wrong_field(string? name, string? email, string? phone, string field)
    {
        var error = Assert.Single(ContactRules.Check(name, email, phone, out var fields));

        Assert.Equal(field, error.Field);
        Assert.Null(fields);
    }

    [Fact]
    public void Check_refuses_half_a_surrogate_pair() =>
        Assert.Equal("name", Assert.Single(ContactRules.Check("A\uD83D", "a@b.example", null, out _)).Field);

    [Fact]
    public void Check_names_every_wrong_field()
    {
        var errors = ContactRules.Check(new string('x', 201), $"{new string('x', 250)}@b.example", "phone", out _);

        Assert.Equal(["name", "email", "phone"], errors.Select(error => error.Field));
    }
}
