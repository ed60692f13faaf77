using System.Reflection;

namespace Platform.Jobs.Internal;

/// <summary>The statements in <c>Sql/*.sql</c>, read once.</summary>
internal static class JobSql
{
    public static readonly string Enqueue = Read("enqueue");
    public static readonly string EnqueueKeyed = Read("enqueue_keyed");
    public static readonly string EnqueueMany = Read("enqueue_many");
    public static readonly string LockLane = Read("lock_lane");
    public static readonly string Status = Read("status");
    public static readonly string Cancel = Read("cancel");

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Sql/{name}.sql")
            ?? throw new InvalidOperationException($"The statement Sql/{name}.sql is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
