using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Platform.Api.Tests.Http;

/// <summary>Bodies that get through an operation's validation.</summary>
internal static class ApiBodies
{
    /// <summary>What to say where a generated body wouldn't get to the database. A new route that needs it, needs a line here.</summary>
    private static readonly (string Path, string Fields)[] Bodies =
    [
        ("/api/session/agents", """{"status":"online","userId":"$memberships.user_id"}"""),
        ("/api/session/roles", """{"permissions":["contacts:read"]}"""),
        ("/api/admin/api-keys", """{"scopes":["contacts:read"]}"""),
        ("/api/admin/members", """{"roles":["admin"]}"""),
        ("/api/admin/billing/settings", """{"provider":"stripe","currency":"EUR","billingEmail":"a@example.com","secretKey":null,"webhookSecret":null}"""),
        ("/api/admin/jobs/schedules", """{"cron":"0 3 * * *","timeZone":"UTC","misfireRuns":1,"type":"reports.request","payload":{"kind":"contacts"}}"""),
        ("/api/admin/webhook-endpoints", """{"url":"https://example.com/hook","eventTypes":["message.created"],"disabled":false}"""),
        ("/api/admin/webhook-sources", """{"provider":"generic","secret":null}"""),
        ("/api/campaigns", """{"channel":"email","audience":{"all":true}}"""),
        ("/api/conversations", """{"channel":"email","status":"open","assignedAgentId":null,"assignedTeamId":null,"contactId":"$contacts.id"}"""),
        ("/api/events", """{"status":"scheduled","professionalId":"$professionals.id","contactId":null,"startsAt":"2030-01-01T10:00:00Z","endsAt":"2030-01-01T11:00:00Z"}"""),
        ("/api/professionals", """{"timeZone":"UTC"}"""),
        ("/api/reports", """{"kind":"contacts","parameters":null}"""),
        ("/api/session/settings", """{"timeZone":"UTC","locale":"de","brandColor":"#112233"}"""),
        ("/api/user/profile", """{"locale":"de","timeZone":"UTC"}"""),
    ];

    /// <param name="id">What fields that name a thing say, unless a line above says better.</param>
    /// <param name="any">Some value of a column, given as <c>table.column</c>.</param>
    public static async Task<HttpContent?> ContentAsync(ApiOperation operation, Guid id, Func<string, Task<Guid>> any)
    {
        if (operation.Name == "POST /api/imports")
            return new MultipartFormDataContent { { new ByteArrayContent("name,email\nAda,ada@example.com\n"u8.ToArray()), "file", "some.csv" } };
        if (operation.Name is "PUT /api/user/profile/avatar" or "PUT /api/session/settings/logo")
            return new ByteArrayContent([0x89, .. "PNG\r\n\u001a\n\0\0\0\u000dIHDR\0\0\0\u0001\0\0\0\u0001"u8]) { Headers = { ContentType = new("image/png") } };
        if (!operation.HasBody)
            return null;
        var body = operation.Body(id);
        var fields = Bodies.LastOrDefault(one => operation.Name.Contains(one.Path, StringComparison.Ordinal)).Fields ?? "{}";
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject().Where(field => body.ContainsKey(field.Key)))
            body[name] = value?.ToString() is ['$', .. var column] ? (await any(column)).ToString() : value?.DeepClone();
        return JsonContent.Create(body);
    }
}
