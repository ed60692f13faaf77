using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Tests.Caching;

public sealed class HitCostTests
{
    [Fact, Trait("Req", "C1")]
    public async Task Answer_from_memory_is_there_at_once_and_allocates_next_to_nothing()
    {
        var source = new AnswerSource();
        await using var host = await AnswerHost.StartAsync(source);
        var tenant = new TenantId(Guid.CreateVersion7());
        using (var scope = host.Services.CreateScope())
        {
            scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
            var context = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            var answers = host.Services.GetRequiredService<CachedAnswers>();
            await AskAsync(context, answers, tenant, source);

            var waited = false;
            var allocated = long.MaxValue;
            for (var round = 0; round < 5; round++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var call = 0; call < 1000; call++)
                {
                    var answer = AskAsync(context, answers, tenant, source);
                    waited |= !answer.IsCompletedSuccessfully;
                    await answer;
                }
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            }
            Assert.False(waited);
            // The least of five: the metrics' exporter may run on this thread.
            Assert.InRange(allocated / 1000, 0, 64);
        }
        Assert.Equal(1, source.Reads);
    }

    private static ValueTask<IResult> AskAsync(HttpContext context, CachedAnswers answers, TenantId tenant, AnswerSource source) =>
        answers.GetAsync(
            context, CacheKinds.Reports, [AnswerHost.Tag(tenant), CacheTag.ForUser(tenant, "things", tenant.Value)], ["list", "1", ""],
            source, static (_, ask, _) => ask.PageAsync(new PageQuery(null, null, null)));
}
