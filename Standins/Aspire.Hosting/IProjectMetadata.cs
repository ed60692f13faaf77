using System.Text.Json.Serialization;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Can be referred to by name: its endpoints are handed to others as service discovery variables.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>What is known of a project at build time.</summary>
public interface IProjectMetadata : IResourceAnnotation
{
    /// <summary>The project file.</summary>
    string ProjectPath { get; }

    /// <summary>Its launch settings, read from disk when null.</summary>
    LaunchSettings? LaunchSettings => null;

    /// <summary>It was built together with the AppHost.</summary>
    bool SuppressBuild => false;
}

/// <summary>The program a project was built to; the generated metadata classes know it.</summary>
public interface IProjectOutput
{
    /// <summary>The assembly; the program itself lies beside it.</summary>
    string TargetPath { get; }
}

/// <summary>A project's <c>launchSettings.json</c>.</summary>
public sealed class LaunchSettings
{
    /// <summary>By name.</summary>
    [JsonPropertyName("profiles")]
    public Dictionary<string, LaunchProfile> Profiles { get; set; } = [];
}

/// <summary>One way to start a project.</summary>
public sealed class LaunchProfile
{
    /// <summary><c>Project</c> for those that matter here.</summary>
    [JsonPropertyName("commandName")]
    public string? CommandName { get; set; }

    /// <summary>Command line arguments.</summary>
    [JsonPropertyName("commandLineArgs")]
    public string? CommandLineArgs { get; set; }

    /// <summary>Addresses, separated by semicolons.</summary>
    [JsonPropertyName("applicationUrl")]
    public string? ApplicationUrl { get; set; }

    /// <summary>Environment variables.</summary>
    [JsonPropertyName("environmentVariables")]
    public Dictionary<string, string> EnvironmentVariables { get; set; } = [];
}

/// <summary>How a project is added.</summary>
public class ProjectResourceOptions
{
    /// <summary>The launch profile; the AppHost's own or the first one when null.</summary>
    public string? LaunchProfileName { get; set; }

    /// <summary>Uses no launch profile.</summary>
    public bool ExcludeLaunchProfile { get; set; }
}

/// <summary>How telemetry is sent.</summary>
public enum OtlpProtocol
{
    /// <summary>gRPC.</summary>
    Grpc = 0,

    /// <summary>Protobuf over HTTP.</summary>
    HttpProtobuf = 1,

    /// <summary>JSON over HTTP.</summary>
    HttpJson = 2,
}
