using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Platform.Web.Backend;
using Platform.Web.Components.Parts;

namespace Platform.Web.Tests.Components;

[Trait("Req", "H5")]
public sealed class PartsTests
{
    [Fact]
    public async Task ProgressBar_known_part_is_told_to_everyone()
    {
        var html = await RenderAsync<ProgressBar>(new() { ["Percent"] = 42, ["Label"] = "Import", ["TestId"] = "bar" });

        Assert.Contains("role=\"progressbar\"", html, StringComparison.Ordinal);
        Assert.Contains("aria-valuenow=\"42\"", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Import\"", html, StringComparison.Ordinal);
        Assert.Contains("width=\"42%\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ProgressBar_unknown_part_has_no_value() =>
        Assert.DoesNotContain("aria-valuenow", await RenderAsync<ProgressBar>(new() { ["Label"] = "Import" }), StringComparison.Ordinal);

    [Fact]
    public async Task Pager_marks_the_current_page_and_links_the_others()
    {
        var html = await RenderAsync<Pager>(new()
        {
            ["Page"] = 2, ["Size"] = 20, ["Total"] = 60L, ["Link"] = (Func<int, string>)(page => $"/contacts?page={page}"),
        });

        Assert.Matches("""<a class="pager-page" href="/contacts\?page=2" aria-current="page">2</a>""", html);
        Assert.Contains("href=\"/contacts?page=3\" aria-label=\"Next page\"", html, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"Page 1\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pager_single_page_is_left_out() =>
        Assert.Empty((await RenderAsync<Pager>(new() { ["Page"] = 1, ["Size"] = 20, ["Total"] = 20L, ["Link"] = (Func<int, string>)(_ => "") })).Trim());

    [Theory]
    [InlineData("queued", "Waiting")]
    [InlineData("running", "Running")]
    [InlineData("completed", "Done")]
    [InlineData("failed", "Failed")]
    [InlineData("paused", "paused")]
    public async Task StatusBadge_says_the_state_in_words(string status, string words) =>
        Assert.Contains($">{words}</span>", await RenderAsync<StatusBadge>(new() { ["Status"] = status }), StringComparison.Ordinal);

    [Fact]
    public async Task ErrorState_is_announced_and_gives_the_reference()
    {
        var problem = new ApiProblem(ApiFailure.Unexpected, 500, "It <broke>.", new Dictionary<string, string[]>(), null, "abc123");

        var html = await RenderAsync<ErrorState>(new() { ["Problem"] = problem });

        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.Contains("It &lt;broke&gt;.", html, StringComparison.Ordinal);
        Assert.Contains("abc123", html, StringComparison.Ordinal);
    }

    private static async Task<string> RenderAsync<T>(Dictionary<string, object?> parameters)
        where T : IComponent
    {
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
            (await renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
    }
}
