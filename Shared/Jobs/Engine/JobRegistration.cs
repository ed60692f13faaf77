using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>What runs the jobs of one type.</summary>
internal abstract class JobRegistration(JobAttribute definition)
{
    public JobAttribute Definition { get; } = definition;

    /// <exception cref="PermanentJobException">The stored payload can't be read.</exception>
    public abstract Task<object?> RunAsync(IServiceProvider services, byte[] payload, JobContext context, CancellationToken cancellationToken);
}

internal sealed class JobRegistration<TPayload, THandler>() : JobRegistration(JobDefinition<TPayload>.Value)
    where TPayload : notnull
    where THandler : class, IJobHandler<TPayload>
{
    public override Task<object?> RunAsync(
        IServiceProvider services, byte[] payload, JobContext context, CancellationToken cancellationToken)
    {
        TPayload value;
        try
        {
            value = JobJson.Read<TPayload>(payload)
                ?? throw new PermanentJobException($"The payload of {Definition.Type} is null.");
        }
        catch (JsonException e)
        {
            var missing = string.Join(", ", JobJson.Missing<TPayload>(payload));
            throw new PermanentJobException(
                $"The payload is not a {Definition.Type} this version understands ({(missing.Length > 0 ? $"without {missing}" : $"at {e.Path}")}).", e);
        }

        return services.GetRequiredService<THandler>().RunAsync(value, context, cancellationToken);
    }
}
