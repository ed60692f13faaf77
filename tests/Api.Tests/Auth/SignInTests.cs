using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Auth;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class SignInTests(ApiFixture api)
{
    [Fact]
    public async Task Login_then_me_tells_tenant_and_permissions()
    {
        var me = await (await (await api.Acme).GetAsync("/api/auth/me")).JsonAsync();

        Assert.Equal("acme", me.Text("tenant"));
        Assert.Equal("pro", me.Text("plan"));
        Assert.Equal(DemoAccounts.AcmeAdmin, me.Text("email"));
        Assert.Equal(DemoAccounts.Acme, me.GetProperty("tenantId").GetGuid());
        Assert.Contains("admin", me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Contains("contacts:write", me.GetProperty("permissions").EnumerateArray().Select(p => p.GetString()));
    }

    [Fact]
    public async Task Login_as_operator_has_no_tenant_and_no_tenant_data()
    {
        var client = await api.Operator;
        var me = await (await client.GetAsync("/api/auth/me")).JsonAsync();

        Assert.Equal(System.Text.Json.JsonValueKind.Null, me.GetProperty("tenantId").ValueKind);
        await (await client.GetAsync("/api/contacts")).ProblemAsync(403);
        await (await client.PostAsync("/api/realtime/ticket", null)).ProblemAsync(403);
    }

    [Fact]
    public async Task Login_ignores_the_case_of_the_address()
    {
        using var response = await api.Anonymous.PostAsync(
            "/api/auth/login", new { email = " Admin@ACME.example ", password = DemoAccounts.Password });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.True(response.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Login_with_wrong_password_answers_as_for_an_unknown_address()
    {
        var nobody = $"{Guid.NewGuid()}@example.com";
        using var wrong = await api.Anonymous.PostAsync("/api/auth/login", new { email = DemoAccounts.GlobexAdmin, password = "wrong" });
        using var unknown = await api.Anonymous.PostAsync("/api/auth/login", new { email = nobody, password = "wrong" });

        Assert.Equal((await wrong.ProblemAsync(401)).Text("detail"), (await unknown.ProblemAsync(401)).Text("detail"));
    }

    [Fact]
    public async Task Login_takes_as_long_for_an_unknown_address()
    {
        // Interleaved, and the shortest of each: what else the machine does can only add to it.
        double known = double.MaxValue, unknown = double.MaxValue;
        for (var i = 0; i < 4; i++)
        {
            known = Math.Min(known, await MeasureAsync(DemoAccounts.AcmeAgent));
            unknown = Math.Min(unknown, await MeasureAsync($"nobody-{i}-{Guid.NewGuid():N}@example.com"));
        }

        // Hashing is most of the time; without it an unknown address would take a tenth.
        Assert.InRange(unknown / known, 0.4, 2.5);

        async Task<double> MeasureAsync(string email)
        {
            var started = Stopwatch.GetTimestamp();
            using var response = await api.Anonymous.PostAsync("/api/auth/login", new { email, password = "wrong" });
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Login_after_repeated_failures_is_locked_whether_the_address_exists_or_not(bool exists)
    {
        var email = exists ? await AddUserAsync() : $"{Guid.NewGuid():N}@example.com";
        for (var i = 0; i < 5; i++)
        {
            using var response = await api.Anonymous.PostAsync("/api/auth/login", new { email, password = "wrong" });
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        }

        using var locked = await api.Anonymous.PostAsync("/api/auth/login", new { email, password = DemoAccounts.Password });

        await locked.ProblemAsync(429);
        Assert.InRange(locked.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 300);
    }

    [Theory]
    [InlineData("{}", 422)]
    [InlineData("""{"email":"a@b.example"}""", 422)]
    [InlineData("""{"email":1,"password":"x"}""", 400)]
    [InlineData("""{"email":"a@b.example\u0000","password":"x"}""", 422)]
    [InlineData("""{"email":"\ud800@b.example","password":"\ud800"}""", 400)]
    [InlineData("not json", 400)]
    [InlineData("null", 400)]
    [InlineData("", 400)]
    public async Task Login_with_bad_input_is_a_clear_problem(string body, int status)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var response = await api.Anonymous.PostAsync("/api/auth/login", content);

        var problem = await response.ProblemAsync(status);
        Assert.NotEmpty(problem.Text("detail"));
    }

    [Fact]
    public async Task Login_to_a_tenant_that_isnt_ones_own_is_refused()
    {
        using var response = await api.Anonymous.PostAsJsonAsync(
            "/api/auth/login", new { email = DemoAccounts.AcmeAdmin, password = DemoAccounts.Password, tenant = "globex" });

        await response.ProblemAsync(403);
    }

    [Fact]
    public async Task Refresh_gives_new_tokens_and_a_used_one_ends_the_session()
    {
        var first = (await api.LoginAsync(DemoAccounts.AcmeAgent)).Text("refreshToken");
        using var renewed = await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = first });
        var second = await renewed.JsonAsync();
        using (var client = api.CreateClient(second.Text("accessToken")))
            await (await client.GetAsync("/api/auth/me")).JsonAsync();

        using var reused = await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = first });
        await reused.ProblemAsync(401);
        using var successor = await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = second.Text("refreshToken") });
        await successor.ProblemAsync(401);
    }

    [Fact]
    public async Task Refresh_used_twice_at_once_succeeds_once()
    {
        var token = (await api.LoginAsync(DemoAccounts.AcmeAgent)).Text("refreshToken");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = token })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
    }

    [Fact]
    public async Task Logout_ends_the_session()
    {
        var token = (await api.LoginAsync(DemoAccounts.AcmeAgent)).Text("refreshToken");
        using var logout = await api.Anonymous.PostAsync("/api/auth/logout", new { refreshToken = token });
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);

        using var refresh = await api.Anonymous.PostAsync("/api/auth/refresh", new { refreshToken = token });
        await refresh.ProblemAsync(401);
    }

    [Fact]
    public async Task Me_of_a_removed_user_is_refused()
    {
        var email = await AddUserAsync();
        using var client = api.CreateClient((await api.LoginAsync(email)).Text("accessToken"));
        await (await client.GetAsync("/api/auth/me")).JsonAsync();

        await api.ScalarAsync<Guid>("UPDATE users SET disabled_at = now() WHERE email = $1 RETURNING id", email);

        await (await client.GetAsync("/api/auth/me")).ProblemAsync(401);
    }

    private async Task<string> AddUserAsync()
    {
        var email = $"{Guid.NewGuid():N}@acme.example";
        await api.ScalarAsync<Guid>(
            """
            WITH u AS (
                INSERT INTO users (id, email, name, password_hash)
                SELECT gen_random_uuid(), $1, 'Test', password_hash FROM users WHERE email = $2 RETURNING id)
            INSERT INTO memberships (tenant_id, user_id) SELECT $3, id FROM u RETURNING user_id
            """,
            email, DemoAccounts.AcmeAdmin, DemoAccounts.Acme);
        return email;
    }
}
