using Platform.Testing;

namespace Platform.EndToEnd.Tests;

/// <summary>What `dotnet run` builds, and what it knows to be built: a small checkout with the AppHost's own build rules.</summary>
public sealed class BuildWhenChangedTests : IAsyncLifetime
{
    private readonly string _root = Directory.CreateTempSubdirectory("build-when-changed").FullName;

    public Task InitializeAsync()
    {
        Write("Directory.Build.targets", """
            <Project>
              <Import Project="AppHost/BuildWhenChanged.targets" Condition="'$(MSBuildProjectName)' == 'AppHost' and '$(BuildWhenChanged)' != 'false'" />
            </Project>
            """);
        Write("AppHost/BuildWhenChanged.targets", File.ReadAllText(Path.Combine(Samples.Root, "AppHost", "BuildWhenChanged.targets")));
        Write("AppHost/AppHost.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType></PropertyGroup>
              <ItemGroup><ProjectReference Include="../Shared/Library/Library.csproj" /></ItemGroup>
              <Target Name="EditedMeanwhile" AfterTargets="CoreCompile" Condition="'$(EDITED_MEANWHILE)' != ''">
                <Touch Files="../Shared/Library/Text.cs" />
              </Target>
            </Project>
            """);
        Write("AppHost/Program.cs", """System.Console.WriteLine($"says {Text.Value}");""");
        Write("AppHost/Greeting.cs", "public static class Greeting { public const string Value = Text.Value; }");
        Write("tests/Check/Check.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><ProjectReference Include="../../AppHost/AppHost.csproj" /></ItemGroup>
            </Project>
            """);
        Write("tests/Check/Check.cs", "public static class Check { public const string Value = Greeting.Value; }");
        Write("Shared/Library/Library.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
            </Project>
            """);
        Write("Shared/Library/Text.cs", Library("one"));
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_root, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Start_builds_whatever_is_not_what_the_last_build_left_and_nothing_else()
    {
        Assert.Equal(("says one", true), await RunAsync());
        Assert.Equal(("says one", false), await RunAsync());

        Write("Shared/Library/Text.cs", Library("two"));
        Assert.Equal(("says two", true), await RunAsync());
        Assert.Equal(("says two", false), await RunAsync());

        // A file too many is compiled in as well.
        Write("Shared/Library/Other.cs", "broken");
        var (text, _) = await RunAsync();
        Assert.StartsWith("failed", text, StringComparison.Ordinal);
        // A failed build is not taken for the one before it, though every file is again as it was then.
        File.Delete(Path.Combine(_root, "Shared/Library/Other.cs"));
        Assert.Equal(("says two", true), await RunAsync());

        File.Delete(Path.Combine(_root, "AppHost/bin/Debug/net10.0/Library.dll"));
        Assert.Equal(("says two", true), await RunAsync());

        // An edit made while the build runs is not in it.
        Write("AppHost/Program.cs", """System.Console.WriteLine($"still says {Text.Value}");""");
        Assert.Equal(("still says two", true), await RunAsync(editedMeanwhile: true));
        Assert.Equal(("still says two", true), await RunAsync());
        Assert.Equal(("still says two", false), await RunAsync());
    }

    [Fact]
    public async Task What_a_start_has_built_can_be_referred_to()
    {
        Assert.Equal(("says one", true), await RunAsync());

        await using var build = ChildProcess.Start("dotnet", ["build", "tests/Check"], _root, Environment());

        Assert.True(await build.WaitForExitAsync(TimeSpan.FromMinutes(2)) == 0, string.Join('\n', build.Output));
    }

    private static string Library(string value) => $$"""public static class Text { public const string Value = "{{value}}"; }""";

    /// <summary>Runs the program as the README says, and tells what it printed and whether it was built before.</summary>
    private async Task<(string Text, bool Built)> RunAsync(bool editedMeanwhile = false)
    {
        var record = new FileInfo(Path.Combine(_root, "AppHost/obj/built.Debug...record"));
        var earlier = record.Exists ? record.LastWriteTimeUtc : default;
        await using var run = ChildProcess.Start("dotnet", ["run", "--project", "AppHost"], _root, Environment(editedMeanwhile));
        var code = await run.WaitForExitAsync(TimeSpan.FromMinutes(2));
        record.Refresh();
        var text = code == 0 ? run.Output[^1] : $"failed: {string.Join('\n', run.Output)}";
        return (text, record.Exists && record.LastWriteTimeUtc != earlier);
    }

    private static Dictionary<string, string?> Environment(bool editedMeanwhile = false) => new()
    {
        ["EDITED_MEANWHILE"] = editedMeanwhile ? "yes" : null,
        // No server of a build stays behind in a folder that is deleted.
        ["UseSharedCompilation"] = "false",
        ["MSBUILDDISABLENODEREUSE"] = "1",
        // The test host's own settings are not this build's.
        ["MSBuildSDKsPath"] = null,
        ["MSBUILD_EXE_PATH"] = null,
        ["MSBuildExtensionsPath"] = null,
    };

    private void Write(string path, string text)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
