using Aspire.Hosting.Orchestration;

namespace Aspire.Hosting.Tests.Orchestration;

public class RunCommandTests
{
    [Theory]
    [InlineData(true, "dotnet", "run", "--project", "AppHost")]
    [InlineData(true, "/usr/share/dotnet/dotnet", "run")]
    [InlineData(false, "dotnet", "watch", "run")]
    [InlineData(false, "dotnet", "AppHost.dll")]
    [InlineData(false, "dotnet")]
    [InlineData(false, "docker", "run", "apphost")]
    [InlineData(false, "bash")]
    public void Only_dotnet_run_steps_back(bool expected, params string[] commandLine) =>
        Assert.Equal(expected, RunCommand.IsRunCommand(commandLine));
}
