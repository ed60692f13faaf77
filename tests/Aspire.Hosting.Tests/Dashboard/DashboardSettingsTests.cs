using System.Text.Json.Nodes;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Parameters;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Tests.Dashboard;

public sealed class DashboardSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dashboard-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void From_launch_profile_listens_there_and_signs_in_there()
    {
        var settings = Settings(("ASPNETCORE_URLS", "http://localhost:18888"));
        var environment = Environment(settings);

        Assert.Equal("http://localhost:18888", environment["ASPNETCORE_URLS"]);
        Assert.Equal("http://localhost:18888", environment["DASHBOARD__FRONTEND__PUBLICURL"]);
        Assert.Equal($"http://localhost:18888/login?t={environment["DASHBOARD__FRONTEND__BROWSERTOKEN"]}", settings.LoginUrl.ToString());
        Assert.Equal("BrowserToken", environment["DASHBOARD__FRONTEND__AUTHMODE"]);
    }

    [Fact]
    public void From_telemetry_has_two_free_ports_and_a_key()
    {
        var settings = Settings();
        var environment = Environment(settings);

        Assert.NotEqual(environment["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"], environment["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]);
        Assert.Equal("ApiKey", environment["DASHBOARD__OTLP__AUTHMODE"]);
        Assert.Matches("^[0-9a-f]{32}$", environment["DASHBOARD__OTLP__PRIMARYAPIKEY"]);
    }

    [Fact]
    public void From_resource_service_is_reached_with_a_key()
    {
        var environment = Environment(Settings());

        Assert.Equal("http://127.0.0.1:4321", environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"]);
        Assert.Equal("ApiKey", environment["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"]);
        Assert.Matches("^[0-9a-f]{32}$", environment["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"]);
    }

    [Fact]
    public void From_random_ports_asked_for_keeps_none()
    {
        var settings = Settings(
            ("ASPNETCORE_URLS", "http://localhost:18888"), ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:4317"),
            ("DcpPublisher:RandomizePorts", "true"));

        Assert.NotEqual(18888, settings.FrontendUrls[0].Port);
        Assert.NotEqual(4317, settings.OtlpGrpcUrl!.Port);
        Assert.Null(settings.OtlpHttpUrl);
    }

    [Fact]
    public void From_plain_http_not_allowed_names_the_setting()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ASPNETCORE_URLS", "http://localhost:18888")]).Build();

        var error = Assert.Throws<DistributedApplicationException>(() => DashboardSettings.From(configuration, secrets: null));

        Assert.Contains("ASPIRE_ALLOW_UNSECURED_TRANSPORT", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not an address")]
    [InlineData("ftp://localhost:1")]
    public void From_address_wrong_names_the_setting(string url) =>
        Assert.Contains("ASPNETCORE_URLS", Assert.Throws<DistributedApplicationException>(() => Settings(("ASPNETCORE_URLS", url))).Message, StringComparison.Ordinal);

    [Fact]
    public void From_keys_of_services_are_remembered_those_of_a_session_are_not()
    {
        var secrets = new UserSecretsStore(Path.Combine(_folder, "secrets.json"));

        var first = DashboardSettings.From(Configuration(), secrets);
        var second = DashboardSettings.From(Configuration(), secrets);

        Assert.Equal(first.OtlpApiKey, second.OtlpApiKey);
        Assert.Equal(first.ApiKey, second.ApiKey);
        Assert.NotEqual(first.BrowserToken, second.BrowserToken);
        Assert.NotEqual(first.ResourceServiceApiKey, second.ResourceServiceApiKey);
        var stored = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "secrets.json")))!.AsObject();
        Assert.Equal(["AppHost:DashboardApiKey", "AppHost:OtlpApiKey"], stored.Select(s => s.Key).Order());
    }

    [Fact]
    public void From_anonymous_allowed_has_no_keys()
    {
        var settings = Settings(("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", "true"));
        var environment = Environment(settings);

        Assert.Equal("Unsecured", environment["DASHBOARD__FRONTEND__AUTHMODE"]);
        Assert.DoesNotContain("DASHBOARD__FRONTEND__BROWSERTOKEN", environment.Keys);
        Assert.Equal("/", settings.LoginUrl.PathAndQuery);
    }

    [Theory]
    [InlineData("Platform.AppHost", "Platform")]
    [InlineData("ShopAppHost", "Shop")]
    [InlineData("AppHost", "AppHost")]
    [InlineData("Shop", "Shop")]
    public void ApplicationName_leaves_out_what_every_host_is_called(string name, string expected) =>
        Assert.Equal(expected, DashboardServices.ApplicationName(name));

    private static DashboardSettings Settings(params (string Key, string Value)[] configuration) =>
        DashboardSettings.From(Configuration(configuration), secrets: null);

    private static IConfiguration Configuration(params (string Key, string Value)[] configuration) => new ConfigurationBuilder()
        .AddInMemoryCollection(configuration.Select(c => KeyValuePair.Create(c.Key, (string?)c.Value)))
        .AddInMemoryCollection([new("ASPIRE_ALLOW_UNSECURED_TRANSPORT", "true")])
        .Build();

    private static Dictionary<string, string> Environment(DashboardSettings settings) =>
        new(settings.ToEnvironment(new Uri("http://127.0.0.1:4321")));
}
