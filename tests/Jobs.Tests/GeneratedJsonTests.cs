using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Jobs.Internal;
using static Platform.Jobs.Tests.JobsDatabase;

namespace Platform.Jobs.Tests;

[Trait("Req", "F1")]
public sealed partial class GeneratedJsonTests(JobsDatabase database) : IClassFixture<JobsDatabase>
{
    [Fact]
    public async Task Payload_and_result_are_written_and_read_by_the_generated_context()
    {
        GeneratedWork? ran = null;
        await using var host = await WorkHost.StartAsync(
            database,
            (payload, _, _) =>
            {
                ran = (GeneratedWork)payload;
                return Task.FromResult<object?>(new GeneratedResult(ran.FirstNumber * 2));
            },
            build: builder => builder.Services.AddJobHandler<GeneratedWork, WorkHost.WorkHandler<GeneratedWork>>());
        var id = await database.EnqueueAsync(Acme, new GeneratedWork(21));
        await database.WaitForAsync(Acme, id, JobStates.Succeeded);

        Assert.Equal(new GeneratedWork(21), ran);
        Assert.Equal("""{"firstNumber":21}""", await database.ScalarAsync<string>("SELECT payload::text FROM jobs.job WHERE id = $1", id));
        Assert.Equal("""{"twice":42}""", await database.ScalarAsync<string>("SELECT result::text FROM jobs.finished WHERE id = $1", id));
    }

    [Fact]
    [Trait("Req", "F3")]
    public void Payload_without_what_its_type_needs_is_refused_and_without_what_may_be_null_is_read()
    {
        Assert.Equal(new ChoosyWork(3, null), JobJson.Read<ChoosyWork>("""{"firstNumber":3,"added":true}"""u8.ToArray()));
        Assert.Equal(new ChoosyWork(3, null, 7), JobJson.Read<ChoosyWork>("""{"firstNumber":3,"lane":null,"count":7}"""u8.ToArray()));

        var e = Assert.Throws<JsonException>(() => JobJson.Read<ChoosyWork>("""{"first":3}"""u8.ToArray()));
        Assert.Contains("'firstNumber'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("lane", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_unknown_to_its_context_is_refused_with_what_is_missing()
    {
        var e = Assert.Throws<JobException>(() => JobJson.Payload(new ForgottenWork(1)));

        Assert.Equal("GeneratedWorkJson lacks [JsonSerializable(typeof(ForgottenWork))].", e.Message);
    }

    [Fact]
    public void Payload_is_not_written_by_reflection() =>
        Assert.IsType<GeneratedWorkJson>(JobJson.InfoOf<GeneratedWork>().OriginatingResolver);

    [Job("test.generated", Queue = "work", Json = typeof(GeneratedWorkJson))]
    internal sealed record GeneratedWork(int FirstNumber);

    [Job("test.choosy", Queue = "work", Json = typeof(GeneratedWorkJson))]
    internal sealed record ChoosyWork(int FirstNumber, string? Lane, int Count = 2);

    internal sealed record GeneratedResult(int Twice);

    [Job("test.forgotten", Queue = "work", Json = typeof(GeneratedWorkJson))]
    internal sealed record ForgottenWork(int Number);

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonSerializable(typeof(GeneratedWork))]
    [JsonSerializable(typeof(ChoosyWork))]
    [JsonSerializable(typeof(GeneratedResult))]
    internal sealed partial class GeneratedWorkJson : JsonSerializerContext;
}
