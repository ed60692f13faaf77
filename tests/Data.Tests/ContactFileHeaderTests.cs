using Platform.Data.Imports;

namespace Platform.Data.Tests;

[Trait("Req", "F9")]
public sealed class ContactFileHeaderTests
{
    [Theory]
    [InlineData("name,email,phone", ',', 3, 0, 1, 2)]
    [InlineData("Phone;NAME", ';', 2, 1, -1, 0)]
    [InlineData("\"id\", \"Name\" ,\"E-Mail\"", ',', 3, 1, 2, -1)]
    [InlineData("name;email;notes, private", ';', 3, 0, 1, -1)]
    public void Parse_finds_separator_and_columns(string line, char separator, int columns, int name, int email, int phone) =>
        Assert.Equal(new ContactFileHeader(separator, columns, name, email, phone), ContactFileHeader.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("name")]
    [InlineData("email,phone")]
    [InlineData("name\temail")]
    [InlineData("Ada,ada@example.com")]
    public void Parse_of_anything_else_is_null(string line) => Assert.Null(ContactFileHeader.Parse(line));
}
