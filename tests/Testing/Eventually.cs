using System.Diagnostics;

namespace Platform.Testing;

/// <summary>Waits for what other processes do, and fails with a message when it doesn't come.</summary>
public static class Eventually
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns once the condition holds. Default timeout: 10 seconds.</summary>
    /// <exception cref="TimeoutException">It didn't within the timeout; carries the message and the condition's last error.</exception>
    public static Task TrueAsync(Func<bool> condition, TimeSpan? timeout = null, string message = "The condition never became true.")
        => TrueAsync(() => Task.FromResult(condition()), timeout, message);

    /// <summary>Returns once the condition holds. An exception of the condition counts as "not yet". Default timeout: 10 seconds.</summary>
    /// <exception cref="TimeoutException">It didn't within the timeout; carries the message and the condition's last error.</exception>
    public static async Task TrueAsync(
        Func<Task<bool>> condition, TimeSpan? timeout = null, string message = "The condition never became true.")
    {
        ArgumentNullException.ThrowIfNull(condition);
        var limit = timeout ?? DefaultTimeout;
        var clock = Stopwatch.StartNew();
        while (true)
        {
            Exception? error = null;
            try
            {
                if (await condition().WaitAsync(Remaining())) return;
            }
            catch (Exception thrown)
            {
                error = thrown;
            }
            if (clock.Elapsed >= limit) throw new TimeoutException($"{message} (waited {limit.TotalSeconds:0.#} s)", error);
            await Task.Delay(PollInterval);
        }

        TimeSpan Remaining() => limit - clock.Elapsed is { Ticks: > 0 } left ? left : TimeSpan.FromMilliseconds(1);
    }
}
