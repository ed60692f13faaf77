using System.Reflection;

namespace Platform.Jobs.Internal;

/// <summary>A payload type's <see cref="JobAttribute"/>, looked up once.</summary>
internal static class JobDefinition<TPayload>
{
    private static readonly JobAttribute? Attribute = typeof(TPayload).GetCustomAttribute<JobAttribute>();

    /// <exception cref="JobException">The payload type isn't marked.</exception>
    public static JobAttribute Value =>
        Attribute ?? throw new JobException($"{typeof(TPayload).Name} has no [Job] attribute, so it can't be a job's payload.");
}
