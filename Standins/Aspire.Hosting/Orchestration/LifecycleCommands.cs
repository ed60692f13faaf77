using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Start, stop and restart.</summary>
internal static class LifecycleCommands
{
    private static readonly HashSet<string?> Ended =
        [.. KnownResourceStates.TerminalStates, KnownResourceStates.NotStarted, KnownResourceStates.Waiting, "Unknown"];

    private static readonly HashSet<string?> Underway =
        [null, KnownResourceStates.Starting, KnownResourceStates.Building, KnownResourceStates.RuntimeUnhealthy];

    public static void AddTo(IResource resource, ApplicationOrchestrator orchestrator)
    {
        Add(KnownResourceCommands.StartCommand, "Start", "Play", IconVariant.Filled, isHighlighted: true,
            state => Underway.Contains(state) ? ResourceCommandState.Disabled
                : Ended.Contains(state) ? ResourceCommandState.Enabled : ResourceCommandState.Hidden,
            (instance, cancellationToken) => orchestrator.StartResourceAsync(resource, instance, cancellationToken));
        Add(KnownResourceCommands.StopCommand, "Stop", "Stop", IconVariant.Filled, isHighlighted: true,
            state => state == KnownResourceStates.Stopping ? ResourceCommandState.Disabled
                : Underway.Contains(state) || Ended.Contains(state) ? ResourceCommandState.Hidden : ResourceCommandState.Enabled,
            (instance, cancellationToken) => orchestrator.StopResourceAsync(resource, instance, cancellationToken));
        Add(KnownResourceCommands.RestartCommand, "Restart", "ArrowCounterclockwise", IconVariant.Regular, isHighlighted: false,
            state => Underway.Contains(state) || Ended.Contains(state) || state == KnownResourceStates.Stopping
                ? ResourceCommandState.Disabled : ResourceCommandState.Enabled,
            async (instance, cancellationToken) =>
            {
                await orchestrator.StopResourceAsync(resource, instance, cancellationToken);
                await orchestrator.StartResourceAsync(resource, instance, cancellationToken);
            });

        void Add(
            string name, string displayName, string icon, IconVariant variant, bool isHighlighted,
            Func<string?, ResourceCommandState> state,
            Func<string, CancellationToken, Task> execute)
        {
            if (resource.Annotations.OfType<ResourceCommandAnnotation>().Any(c => c.Name == name))
                return;
            resource.Annotations.Add(new ResourceCommandAnnotation(
                name, displayName, context => state(context.ResourceSnapshot.State?.Text),
                async context =>
                {
                    await execute(context.ResourceName, context.CancellationToken);
                    return CommandResults.Success();
                },
                null, null, null, icon, variant, isHighlighted));
        }
    }
}
