using System.Text.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Billing;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class BillingAnalyticsTests(ApiFixture api)
{
    private const string Url = "/api/admin/billing/analytics";

    [Fact]
    public async Task Figures_are_those_of_the_tenants_own_invoices_by_currency()
    {
        // Another currency than the demo's, so that the figures are this test's alone.
        await AddAsync("paid", 10_000, months: 0, dueDays: 14);
        await AddAsync("paid", 5_001, months: 1, dueDays: 14);
        await AddAsync("open", 2_000, months: 0, dueDays: 40);
        await AddAsync("open", 700, months: 20, dueDays: 14);
        await AddAsync("draft", 90_000, months: 0, dueDays: 14);
        await AddAsync("void", 90_000, months: 0, dueDays: 14);
        await AddAsync("paid", 1_000_000, months: 0, dueDays: 14, DemoAccounts.Globex);

        var answer = await (await (await api.Acme).GetAsync($"{Url}?months=12&currency=CHF")).JsonAsync();

        var chf = Assert.Single(answer.GetProperty("currencies").EnumerateArray());
        Assert.Equal(
            [3, 17_001, 15_001, 5_667, 2_700, 700],
            new[] { "invoices", "invoicedCents", "paidCents", "averageInvoiceCents", "outstandingCents", "overdueCents" }
                .Select(name => chf.GetProperty(name).GetInt64()));
        var months = chf.GetProperty("months").EnumerateArray().ToList();
        Assert.Equal(12, months.Count);
        Assert.Equal(12_000, months[^1].GetProperty("invoicedCents").GetInt64());
        Assert.Equal(10_000, months[^1].GetProperty("paidCents").GetInt64());
        Assert.Equal(5_001, months[^2].GetProperty("paidCents").GetInt64());
        Assert.Equal(0, months[0].GetProperty("invoices").GetInt64());
        Assert.Equal(answer.Text("from"), months[0].Text("month"));

        var all = await (await (await api.Acme).GetAsync($"{Url}?months=13")).JsonAsync();
        Assert.Equal(["CHF", "EUR"], all.GetProperty("currencies").EnumerateArray().Select(row => row.Text("currency")));
    }

    [Fact]
    public async Task Usage_is_told_against_the_plan()
    {
        using var first = await (await api.Globex).GetAsync(Url);
        var usage = (await first.JsonAsync()).GetProperty("usage").EnumerateArray().ToDictionary(row => row.Text("metric"));

        Assert.Equal((3, 25000, 1000), (Limit("seats"), Limit("contacts"), Limit("messages")));
        Assert.Equal(
            await api.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", DemoAccounts.Globex),
            usage["contacts"].GetProperty("used").GetInt64());
        Assert.True(usage["messages"].GetProperty("used").GetInt64() > 0);
        Assert.Equal(JsonValueKind.Null, usage["reports"].GetProperty("limit").ValueKind);
        using var second = await (await api.Globex).GetAsync(Url);
        Assert.Equal("true", second.Headers.GetValues("X-Cache-Hit").Single());

        int Limit(string metric) => usage[metric].GetProperty("limit").GetInt32();
    }

    [Theory]
    [InlineData("?months=0")]
    [InlineData("?months=37")]
    [InlineData("?months=x")]
    [InlineData("?currency=euro")]
    [InlineData("?currency=%00%00%00")]
    public async Task Bad_parameters_are_400(string query) =>
        await (await (await api.Acme).GetAsync($"{Url}{query}")).ProblemAsync(400);

    private Task<int> AddAsync(string status, long cents, int months, int dueDays, Guid? tenant = null) => api.ScalarAsync<int>(
        """
        INSERT INTO invoices (tenant_id, id, number, amount_cents, currency, status, issued_at, due_at, paid_at)
        SELECT $1, uuidv7(), 'T-' || uuidv7(), $2, 'CHF', $3, issued, issued + make_interval(days => $5),
               CASE WHEN $3 = 'paid' THEN issued + interval '1 hour' END
        FROM (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - make_interval(months => $4)) AS month (issued)
        RETURNING 1
        """,
        tenant ?? DemoAccounts.Acme, cents, status, months, dueDays);
}
