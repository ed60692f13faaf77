using System.Reflection;
using Platform.Data;
using Platform.Jobs;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class JobPayloadTests
{
    public static TheoryData<Type> Payloads => [.. new[] { typeof(JobPayloads).Assembly, typeof(WorkerJobPayloads).Assembly }
        .SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsDefined(typeof(JobAttribute)))];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void Payload_is_written_without_reflection(Type payload)
    {
        var context = payload.GetCustomAttribute<JobAttribute>()!.Json;

        Assert.NotNull(context);
        Assert.Contains(context.GetProperties(), property => property.Name == payload.Name);
    }
}
