using Platform.Jobs;

namespace Platform.Worker.CacheWarming;

/// <summary>The job that has the cache warmed.</summary>
[Job("platform.warm_cache", Queue = JobQueues.Maintenance, MaxAttempts = 1, TimeoutSeconds = 30, RetentionDays = 1, Json = typeof(WorkerJobPayloads))]
internal sealed record WarmCache;
