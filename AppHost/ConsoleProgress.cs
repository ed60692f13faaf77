namespace Platform.AppHost;

/// <summary>Progress of a first run's downloads, before there is a dashboard to show it.</summary>
internal sealed class ConsoleProgress(string name) : IProgress<string>
{
    public void Report(string value) => Console.WriteLine($"{name}: {value}");
}
