using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Parameters;

namespace Aspire.Hosting.Tests.Parameters;

public sealed class ParameterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly IDistributedApplicationBuilder _builder =
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public void Value_comes_from_configuration_before_the_default()
    {
        var parameter = _builder.AddParameter("some-name", "default");
        Assert.Equal("default", parameter.Resource.Value);

        var configured = _builder.AddParameter("other-name", "default");
        _builder.Configuration["Parameters:other_name"] = "configured";
        Assert.Equal("configured", configured.Resource.Value);
    }

    [Fact]
    public void Value_of_a_missing_parameter_names_the_setting()
    {
        var parameter = _builder.AddParameter("missing", secret: true);

        var failure = Assert.Throws<MissingParameterValueException>(() => parameter.Resource.Value);

        Assert.Contains("Parameters:missing", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GetDefaultValue_keeps_minimums_and_leaves_out_what_is_not_allowed()
    {
        var generator = new GenerateParameterDefault { MinLength = 22, Special = false, Upper = false, MinNumeric = 5 };

        var value = generator.GetDefaultValue();

        Assert.True(value.Length >= 22);
        Assert.True(value.Count(char.IsAsciiDigit) >= 5);
        Assert.All(value, c => Assert.True(char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c)));
        Assert.NotEqual(value, generator.GetDefaultValue());
    }

    [Fact]
    public void Persisted_value_is_the_same_for_the_next_run_and_unreadable_to_others()
    {
        var path = Path.Combine(_folder, "secrets.json");
        File.WriteAllText(path, """{ "Other:Key": "kept" }""");
        var parameter = new UserSecretsParameterDefault(new UserSecretsStore(path), "Parameters:p", new GenerateParameterDefault());

        var value = parameter.GetDefaultValue();

        var again = new UserSecretsParameterDefault(new UserSecretsStore(path), "Parameters:p", new GenerateParameterDefault());
        Assert.Equal(value, again.GetDefaultValue());
        Assert.Equal(value, new UserSecretsStore(path).Load()["Parameters:p"]);
        Assert.Equal("kept", JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("Other:Key").GetString());
    }

    [Fact]
    public void GetOrSet_from_many_at_once_gives_all_the_same()
    {
        var path = Path.Combine(_folder, "new", "secrets.json");
        var number = 0;

        var values = Enumerable.Range(0, 20).AsParallel().WithDegreeOfParallelism(4)
            .Select(_ => new UserSecretsStore(path)
                .GetOrSet("key", () => Interlocked.Increment(ref number).ToString(System.Globalization.CultureInfo.InvariantCulture)))
            .ToList();

        Assert.Single(values.Distinct());
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
    }

    [Fact]
    public async Task AddConnectionString_reads_configuration()
    {
        _builder.Configuration["ConnectionStrings:external"] = "Host=elsewhere";
        var external = _builder.AddConnectionString("external");
        var composed = _builder.AddConnectionString("composed", ReferenceExpression.Create($"{external};Database=x"));

        Assert.Equal("Host=elsewhere", await external.Resource.GetConnectionStringAsync());
        Assert.Equal("Host=elsewhere;Database=x", await composed.Resource.ConnectionStringExpression.GetValueAsync(default));
        Assert.Equal("{external.connectionString};Database=x", composed.Resource.ConnectionStringExpression.ValueExpression);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
