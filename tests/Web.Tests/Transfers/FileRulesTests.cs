using Platform.Web.Transfers;

namespace Platform.Web.Tests.Transfers;

public sealed class FileRulesTests
{
    [Theory]
    [InlineData("contacts.csv", 10)]
    [InlineData("CONTACTS.CSV", TransferExtensions.MaxFileBytes)]
    [InlineData("export.txt", 10)]
    public void Check_fitting_file_may_be_sent(string name, long bytes) => Assert.Null(FileRules.Check(name, bytes));

    [Theory]
    [InlineData("contacts.xlsx", 10, "CSV")]
    [InlineData("contacts", 10, "CSV")]
    [InlineData("contacts.csv", 0, "empty")]
    [InlineData("contacts.csv", TransferExtensions.MaxFileBytes + 1, "50 MB")]
    public void Check_other_file_is_explained(string name, long bytes, string word) =>
        Assert.Contains(word, FileRules.Check(name, bytes), StringComparison.Ordinal);
}
