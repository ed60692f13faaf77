using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.Billing;
using Platform.Api.Tests.Auth;
using Platform.Data.Security;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Billing;

[Collection(ApiTests.Name)]
[Trait("Req", "D8")]
public sealed class BillingSettingsTests(ApiFixture api)
{
    private const string Url = "/api/admin/billing/settings";

    [Fact]
    public async Task Keys_are_stored_encrypted_and_shown_masked()
    {
        var client = await api.Acme;
        var key = $"sk_live_{Guid.NewGuid():N}";
        using var put = await client.ChangeAsync(HttpMethod.Put, Url, Body(key, "whsec_0123456789abcd"));
        var saved = await put.JsonAsync();

        Assert.Equal(($"••••{key[^4..]}", "••••abcd"), (saved.Text("secretKey"), saved.Text("webhookSecret")));
        using var got = await client.GetAsync(Url);
        Assert.Equal(saved.ToString(), (await got.JsonAsync()).ToString());
        // The tag of what everybody asks for by the same address tells contents apart, too.
        Assert.StartsWith($"{put.Headers.ETag!.Tag[..^1]}.", got.Headers.ETag!.Tag, StringComparison.Ordinal);
        Assert.DoesNotContain(key, await StoredAsync("billing_settings::text"), StringComparison.Ordinal);

        // Bound to the tenant and the field.
        var text = await StoredAsync("secret_key");
        var protector = api.Services.GetRequiredService<SecretProtector>();
        var acme = new TenantId(DemoAccounts.Acme);
        Assert.Equal(key, Encoding.UTF8.GetString(protector.Unprotect(text, BillingSettingsStore.Purpose(acme, "secretKey"))));
        Assert.ThrowsAny<CryptographicException>(() => protector.Unprotect(text, BillingSettingsStore.Purpose(acme, "webhookSecret")));
        Assert.ThrowsAny<CryptographicException>(() => protector.Unprotect(
            text, BillingSettingsStore.Purpose(new TenantId(DemoAccounts.Globex), "secretKey")));
    }

    [Fact]
    public async Task Masked_key_sent_back_keeps_the_old_one_and_null_removes_it()
    {
        var client = await api.Acme;
        await (await client.ChangeAsync(HttpMethod.Put, Url, Body("sk_test_0123456789"))).JsonAsync();
        var stored = await StoredAsync("secret_key");

        var kept = await (await client.ChangeAsync(HttpMethod.Put, Url, Body("••••6789", company: "Acme & Co"))).JsonAsync();
        Assert.Equal(("••••6789", "Acme & Co"), (kept.Text("secretKey"), kept.Text("company")));
        Assert.Equal(stored, await StoredAsync("secret_key"));
        Assert.Equal(["secretKey"], (await (await client.ChangeAsync(HttpMethod.Put, Url, Body("••••0000"))).ProblemAsync(422)).Fields());
        using var other = await client.ChangeAsync(HttpMethod.Put, Url, Body("••••6789", "••••6789"));
        Assert.Equal(["webhookSecret"], (await other.ProblemAsync(422)).Fields());

        var removed = await (await client.ChangeAsync(HttpMethod.Put, Url, Body(null))).JsonAsync();
        Assert.Equal(JsonValueKind.Null, removed.GetProperty("secretKey").ValueKind);
        Assert.Equal(["secretKey"], (await (await client.ChangeAsync(HttpMethod.Put, Url, Body("••••6789"))).ProblemAsync(422)).Fields());
    }

    [Fact]
    public async Task Change_needs_the_version_it_names_and_is_audited_without_the_secret()
    {
        var client = await api.Acme;
        await (await client.ChangeAsync(HttpMethod.Put, Url, Body(null))).JsonAsync();
        using var got = await client.GetAsync(Url);
        var tag = got.Headers.ETag!.Tag;

        await (await client.ChangeAsync(HttpMethod.Put, Url, Body("sk_test_audited_key"), tag)).JsonAsync();
        await (await client.ChangeAsync(HttpMethod.Put, Url, Body(null), tag)).ProblemAsync(412);
        var detail = await api.ScalarAsync<string>(
            "SELECT detail::text FROM audit_log WHERE tenant_id = $1 AND action = 'billing.update' ORDER BY at DESC, id DESC LIMIT 1",
            DemoAccounts.Acme);
        Assert.Contains("secretKey", detail, StringComparison.Ordinal);
        Assert.DoesNotContain("sk_test", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenant_without_settings_has_the_defaults_and_first_change_makes_them()
    {
        await api.ScalarAsync<long>(
            "WITH gone AS (DELETE FROM billing_settings WHERE tenant_id = $1 RETURNING 1) SELECT count(*) FROM gone", DemoAccounts.Globex);
        var client = await api.Globex;

        using var first = await client.GetAsync(Url);
        Assert.Equal(("none", "EUR"), ((await first.JsonAsync()).Text("provider"), (await first.JsonAsync()).Text("currency")));
        Assert.StartsWith("\"0.", first.Headers.ETag!.Tag, StringComparison.Ordinal);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.ChangeAsync(HttpMethod.Put, Url, Body(null), "\"0\"")));
        Assert.Single(answers, answer => answer.IsSuccessStatusCode);
        Assert.StartsWith("\"1.", (await client.GetAsync(Url)).Headers.ETag!.Tag, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invalid_fields_are_named()
    {
        (object Body, string Field)[] cases =
        [
            (new { provider = "piggybank" }, "provider"), (new { currency = "XYZ" }, "currency"), (new { currency = "eur" }, "currency"),
            (new { billingEmail = "nobody" }, "billingEmail"), (new { secretKey = "short" }, "secretKey"),
            (new { secretKey = "with blanks in it" }, "secretKey"), (new { taxId = new string('1', 41) }, "taxId"),
        ];
        foreach (var (body, field) in cases)
            Assert.Equal([field], (await (await (await api.Acme).ChangeAsync(HttpMethod.Put, Url, body)).ProblemAsync(422)).Fields());
    }

    [Fact]
    [Trait("Req", "B7")]
    public async Task Who_may_not_manage_billing_is_403()
    {
        await (await (await api.AcmeAgent).GetAsync(Url)).ProblemAsync(403);
        using var reader = await api.SignInAsync(await api.AddUserAsync(DemoAccounts.Acme, Permissions.BillingRead));
        await (await reader.GetAsync(Url)).ProblemAsync(403);
        await (await reader.ChangeAsync(HttpMethod.Put, Url, Body(null))).ProblemAsync(403);
        await (await reader.GetAsync("/api/admin/billing/analytics")).JsonAsync();
    }

    private static object Body(string? secretKey, string? webhookSecret = null, string company = "Acme") => new
    {
        provider = "stripe", secretKey, webhookSecret, currency = "EUR", billingEmail = "billing@acme.example", company, taxId = "DE123",
    };

    private Task<string> StoredAsync(string column) =>
        api.ScalarAsync<string>($"SELECT {column} FROM billing_settings WHERE tenant_id = $1", DemoAccounts.Acme);
}
