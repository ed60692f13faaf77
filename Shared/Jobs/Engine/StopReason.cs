namespace Platform.Jobs.Engine;

/// <summary>Why a running job's token was cancelled. The first reason stands.</summary>
internal enum StopReason
{
    None,
    Cancelled,
    TimedOut,
    LeaseLost,
    Shutdown,
}
