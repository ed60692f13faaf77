using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Features.Auth;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Auth;

/// <summary>People for one test, with a role of their own.</summary>
internal static class TestUsers
{
    /// <summary>Every permission a tenant's role can hold.</summary>
    public static readonly string[] AllPermissions =
    [
        .. typeof(Permissions).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!)
            .Where(permission => permission != Permissions.PlatformOperate),
    ];

    /// <summary>A member with these permissions; the password is the demo accounts'.</summary>
    public static async Task<TestUser> AddUserAsync(this ApiFixture api, Guid tenant, params string[] permissions)
    {
        var email = $"{Guid.NewGuid():N}@people.example";
        var id = await api.ScalarAsync<Guid>(
            """
            WITH u AS (
                INSERT INTO users (id, email, name, password_hash)
                SELECT $1, $2, 'Test', password_hash FROM users WHERE email = $3 RETURNING id),
            m AS (INSERT INTO memberships (tenant_id, user_id) SELECT $4, id FROM u RETURNING user_id),
            r AS (INSERT INTO roles (tenant_id, id, name) SELECT $4, $1, 'test ' || $1 RETURNING id),
            p AS (INSERT INTO role_permissions (tenant_id, role_id, permission) SELECT $4, r.id, unnest($5) FROM r),
            mr AS (INSERT INTO membership_roles (tenant_id, user_id, role_id) SELECT $4, m.user_id, r.id FROM m, r)
            SELECT user_id FROM m
            """,
            Guid.CreateVersion7(), email, DemoAccounts.AcmeAdmin, tenant, permissions);
        return new TestUser(id, email, $"test {id}", new TenantId(tenant));
    }

    /// <summary>A token as the API makes it for an account that is there: tenant, user and role are made if need be.</summary>
    /// <param name="services">Of the replica that signs.</param>
    public static async Task<string> TokenAsync(this ApiFixture api, IServiceProvider services, Account account)
    {
        await api.ScalarAsync<long>(
            """
            WITH t AS (INSERT INTO tenants (id, slug, name, plan) SELECT $1, 'test-' || $1, 'Test', $2 ON CONFLICT DO NOTHING),
            u AS (
                INSERT INTO users (id, email, name, password_hash)
                SELECT $3, $3 || '@people.example', 'Test', password_hash FROM users WHERE email = $4),
            m AS (INSERT INTO memberships (tenant_id, user_id) SELECT $1, $3),
            r AS (INSERT INTO roles (tenant_id, id, name) SELECT $1, $3, 'test ' || $3),
            p AS (INSERT INTO role_permissions (tenant_id, role_id, permission) SELECT $1, $3, unnest($5)),
            mr AS (INSERT INTO membership_roles (tenant_id, user_id, role_id) SELECT $1, $3, $3)
            SELECT 1::bigint
            """,
            account.TenantId!.Value, account.Plan!, account.UserId, DemoAccounts.AcmeAdmin, account.Permissions);
        return (await services.GetRequiredService<AccessTokens>().CreateAsync(account, Guid.NewGuid(), default)).Token;
    }

    /// <summary>A tenant of its own, for tests that suspend it or change its plan.</summary>
    public static async Task<Guid> AddTenantAsync(this ApiFixture api, string plan = "pro") => await api.ScalarAsync<Guid>(
        "INSERT INTO tenants (id, slug, name, plan) SELECT $1, 'test-' || $1, 'Test', $2 RETURNING id", Guid.CreateVersion7(), plan);

    /// <summary>Past the API, so that nobody is told.</summary>
    public static Task<long> SetPermissionsAsync(this ApiFixture api, TestUser user, params string[] permissions) => api.ScalarAsync<long>(
        """
        WITH gone AS (DELETE FROM role_permissions WHERE tenant_id = $1 AND role_id = $2 AND permission <> ALL ($3) RETURNING 1),
        added AS (
            INSERT INTO role_permissions (tenant_id, role_id, permission) SELECT $1, $2, unnest($3) ON CONFLICT DO NOTHING RETURNING 1)
        SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM added)
        """,
        user.Tenant.Value, user.Id, permissions);

    /// <summary>Signed in anew.</summary>
    public static async Task<HttpClient> SignInAsync(this ApiFixture api, TestUser user) =>
        api.CreateClient((await api.LoginAsync(user.Email)).Text("accessToken"));
}

/// <param name="Role">Name of the one role, which nobody else has.</param>
internal sealed record TestUser(Guid Id, string Email, string Role, TenantId Tenant);
