using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Platform.Jobs.Tests;

public sealed class OptionsTests
{
    private static JobWorkerOptions Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.GroupBy(s => s.Key).Select(s => new KeyValuePair<string, string?>(s.Key, s.Last().Value))).Build();
        using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddJobWorker().BuildServiceProvider();
        return services.GetRequiredService<IOptions<JobWorkerOptions>>().Value;
    }

    [Fact]
    [Trait("Req", "F5")]
    public void Options_set_one_queues_setting_and_leave_the_other_defaults()
    {
        var options = Read(("ConnectionStrings:platform-queue", "Host=queue"), ("Jobs:Queues:webhooks:Concurrency", "3"));

        Assert.Equal("Host=queue", options.ConnectionString);
        Assert.Equal((3, 2), (options.Queues["webhooks"].Concurrency, options.Queues["webhooks"].TenantConcurrency));
        Assert.Equal(JobQueues.All.Order(), options.Queues.Keys.Order());
    }

    [Theory]
    [InlineData("Jobs:Queues:imports:Concurrency", "0", "Concurrency")]
    [InlineData("Jobs:Heartbeat", "00:00:10", "Jobs:Heartbeat")]
    [InlineData("ConnectionStrings:platform-queue", "", "platform-queue")]
    [Trait("Req", "F1")]
    public void Options_that_make_no_sense_are_refused_with_the_settings_name(string key, string value, string message)
    {
        var refused = Assert.Throws<OptionsValidationException>(() => Read(("ConnectionStrings:platform-queue", "Host=queue"), (key, value)));

        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }
}
