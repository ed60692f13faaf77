using System.Security.Cryptography;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

/// <summary>One instance of a resource: a process or a container of the orchestrator.</summary>
internal sealed class Workload(IResource resource, string name, string suffix, int index, int count)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _retired = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IResource Resource { get; } = resource;

    /// <summary>The object's name in the orchestrator, the same for all its lives.</summary>
    public string Name { get; } = name;

    /// <summary>Tells instances apart in telemetry.</summary>
    public string InstanceId { get; } = suffix;

    public int ReplicaIndex { get; } = index;

    public int ReplicaCount { get; } = count;

    public string Plural { get; } = resource.IsContainer() ? DcpClient.Containers : DcpClient.Executables;

    /// <summary>One command at a time.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>The names of the variables the application set, as opposed to inherited ones.</summary>
    public HashSet<string> SpecVariables { get; } = new(StringComparer.Ordinal);

    /// <summary>The object that has a log to read; null before the first.</summary>
    public string? LoggedUid { get; private set; }

    public static IReadOnlyList<Workload> For(IResource resource, string apphostHash)
    {
        var count = resource.GetReplicaCount();
        var workloads = new List<Workload>(count);
        for (var i = 0; i < count; i++)
        {
            var persistent = resource.TryGetLastAnnotation(out ContainerLifetimeAnnotation? lifetime)
                && lifetime.Lifetime == ContainerLifetime.Persistent;
            var suffix = persistent
                ? apphostHash[..8].ToLowerInvariant()
                : RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 8);
            var name = resource.TryGetLastAnnotation(out ContainerNameAnnotation? given) ? given.Name : $"{resource.Name}-{suffix}";
            workloads.Add(new Workload(resource, name, suffix, i, count));
        }

        resource.Annotations.Add(new InstancesAnnotation([.. workloads.Select(w => w.Name)]));
        return workloads;
    }

    /// <summary>Events of an object that was deleted to make room for its successor are not news any more.</summary>
    public void Retire(string uid)
    {
        lock (_lock)
            _retired.Add(uid);
    }

    public bool IsRetired(string uid)
    {
        lock (_lock)
            return _retired.Contains(uid);
    }

    public void HasLog(string uid)
    {
        lock (_lock)
        {
            if (LoggedUid == uid)
                return;
            LoggedUid = uid;
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Waits for an object with a log, other than the one already read.</summary>
    public async Task<string> WaitForLogAsync(string? read, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (LoggedUid is { } uid && uid != read)
                    return uid;
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }
}
