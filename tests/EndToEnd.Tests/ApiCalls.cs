using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Platform.EndToEnd.Tests;

/// <summary>The calls of Api the tests make more than once.</summary>
internal static class ApiCalls
{
    private static readonly string[] Finished = ["succeeded", "dead", "cancelled"];

    public static async Task<JsonElement> GetJsonAsync(this HttpClient api, string path)
    {
        using var answer = await api.GetAsync(path);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<int> CountContactsAsync(this HttpClient api) =>
        (await api.GetJsonAsync("/api/contacts?limit=1")).GetProperty("pagination").GetProperty("total").GetInt32();

    /// <summary>Creates a contact of that name, with an e-mail address nobody else has.</summary>
    public static async Task<HttpResponseMessage> CreateContactAsync(this HttpClient api, string name)
    {
        var answer = await api.PostAsJsonAsync("/api/contacts", new { name, email = $"{Guid.CreateVersion7():N}@example.com" });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return answer;
    }

    /// <summary>Uploads a CSV file.</summary>
    /// <returns>The ids of the import and of its job.</returns>
    public static async Task<(string ImportId, string JobId)> ImportAsync(this HttpClient api, byte[] file, string name = "contacts.csv")
    {
        using var content = new ByteArrayContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        using var form = new MultipartFormDataContent { { content, "file", name } };
        using var answer = await api.PostAsync("/api/imports", form);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode == HttpStatusCode.Accepted, $"{answer.StatusCode}: {body}");
        using var json = JsonDocument.Parse(body);
        var job = json.RootElement.GetProperty("jobId").GetString()!;
        Assert.Equal($"/api/jobs/{job}/status", answer.Headers.Location?.OriginalString);
        return (json.RootElement.GetProperty("importId").GetString()!, job);
    }

    /// <summary>Follows a job by long polling until it has finished.</summary>
    public static async Task<JsonElement> FinishedJobAsync(this HttpClient api, string jobId, TimeSpan timeout)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var status = await api.GetJsonAsync($"/api/jobs/{jobId}/status?wait=5");
            if (Finished.Contains(status.GetProperty("state").GetString()))
                return status;
            Assert.True(clock.Elapsed < timeout, $"The job did not finish within {timeout.TotalSeconds} s: {status}");
        }
    }
}
