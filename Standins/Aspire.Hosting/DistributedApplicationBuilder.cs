using System.Diagnostics;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Bundle;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dcp;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Parameters;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Builds a distributed application on top of the generic host.</summary>
public class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    // The test builder listens here to change how an application is built and to get hold of it.
    private static readonly DiagnosticListener Hooks = new("Aspire.Hosting");

    /// <summary>Somebody looks after the application's failures.</summary>
    internal static bool IsHooked => Hooks.IsEnabled("DistributedApplicationBuilt");

    private static readonly Dictionary<string, string> Switches = new()
    {
        ["--operation"] = "AppHost:Operation",
        ["--publisher"] = "Publishing:Publisher",
        ["--output-path"] = "Pipeline:OutputPath",
        ["--dcp-cli-path"] = "DcpPublisher:CliPath",
        ["--dcp-container-runtime"] = "DcpPublisher:ContainerRuntime",
        ["--dcp-dashboard-path"] = "DcpPublisher:DashboardPath",
    };

    private readonly HostApplicationBuilder _inner;

    /// <summary>A builder with command line arguments.</summary>
    public DistributedApplicationBuilder(string[] args) : this(new DistributedApplicationOptions { Args = args })
    {
    }

    /// <summary>A builder with options.</summary>
    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings { Configuration = new ConfigurationManager() };
        Raise("DistributedApplicationBuilderConstructing", (options, settings));

        AppHostAssembly = options.ResolveAssembly();
        AppHostDirectory = options.ProjectDirectory ?? Metadata("apphostprojectpath") ?? Directory.GetCurrentDirectory();
        settings.ContentRootPath ??= AppHostDirectory;
        settings.ApplicationName ??= AppHostAssembly?.GetName().Name;

        _inner = new HostApplicationBuilder(settings);
        _inner.Configuration.AddCommandLine(ExpandFlags(options.Args ?? []), Switches);
        var isPublish = Configuration["AppHost:Operation"] is { } operation
            ? operation.Equals("publish", StringComparison.OrdinalIgnoreCase)
            : Configuration["Publishing:Publisher"] is not null;
        ExecutionContext = isPublish
            ? new(DistributedApplicationOperation.Publish, Configuration["Publishing:Publisher"] ?? "manifest")
            : new(DistributedApplicationOperation.Run);

        AppHostPath = Path.Combine(AppHostDirectory, Metadata("apphostprojectname") ?? Environment.ApplicationName);
        UserSecrets = UserSecretsStore.For(AppHostAssembly);
        AddConfiguration(options);
        AddServices(options);
        Raise("DistributedApplicationBuilderConstructed", this);
    }

    /// <inheritdoc/>
    public ConfigurationManager Configuration => _inner.Configuration;

    /// <inheritdoc/>
    public IServiceCollection Services => _inner.Services;

    /// <inheritdoc/>
    public IHostEnvironment Environment => _inner.Environment;

    /// <inheritdoc/>
    public string AppHostDirectory { get; }

    /// <summary>The AppHost's project file.</summary>
    public string AppHostPath { get; }

    /// <inheritdoc/>
    public Assembly? AppHostAssembly { get; }

    /// <inheritdoc/>
    public DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <inheritdoc/>
    public IResourceCollection Resources { get; } = new ResourceCollection();

    /// <inheritdoc/>
    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    internal UserSecretsStore? UserSecrets { get; }

    /// <inheritdoc/>
    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        if (Resources.FirstOrDefault(r => string.Equals(r.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) is { } existing)
        {
            throw new DistributedApplicationException(
                $"A resource of type {resource.GetType().Name} cannot be added: "
                + $"the name '{resource.Name}' belongs to one of type {existing.GetType().Name}.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    /// <inheritdoc/>
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource =>
        new DistributedApplicationResourceBuilder<T>(this, resource);

    /// <inheritdoc/>
    public DistributedApplication Build()
    {
        Raise("DistributedApplicationBuilding", this);
        var application = new DistributedApplication(_inner.Build());
        ExecutionContext.ServiceProvider = application.Services;
        Raise("DistributedApplicationBuilt", application);
        return application;
    }

    private static void Raise(string name, object payload)
    {
        if (Hooks.IsEnabled(name))
            Hooks.Write(name, payload);
    }

    /// <summary>A switch without a value means true, which the command line provider doesn't know.</summary>
    private static string[] ExpandFlags(string[] args) =>
    [
        .. args.Select((arg, i) =>
            arg.StartsWith("--", StringComparison.Ordinal) && !arg.Contains('=', StringComparison.Ordinal)
            && (i + 1 == args.Length || args[i + 1].StartsWith("--", StringComparison.Ordinal))
                ? arg + "=true"
                : arg),
    ];

    private string? Metadata(string key) => AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(a => string.Equals(a.Key, key, StringComparison.OrdinalIgnoreCase))?.Value;

    private void AddConfiguration(DistributedApplicationOptions options)
    {
        if (ExecutionContext.IsRunMode && UserSecrets is not null)
        {
            // Below everything else, so that the environment and the command line can override a remembered value.
            Configuration.Sources.Insert(0, new ChainedConfigurationSource { Configuration = UserSecrets.Load() });
        }

        // Tells one checkout's volumes and containers from another's when running; published names don't depend on the machine.
        var identity = ExecutionContext.IsRunMode ? Path.GetFullPath(AppHostPath).ToLowerInvariant() : Environment.ApplicationName;
        Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["AppHost:Directory"] = AppHostDirectory,
            ["AppHost:Path"] = AppHostPath,
            ["AppHost:Sha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(identity))),
        });
        if (options.DisableDashboard)
            Configuration["DisableDashboard"] = "true";
        if (options.EnableResourceLogging)
            Configuration["EnableResourceLogging"] = "true";
        if (options.AllowUnsecuredTransport)
            Configuration["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
    }

    private void AddServices(DistributedApplicationOptions options)
    {
        _inner.Logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning);
        _inner.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        _inner.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        _inner.Logging.AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
        _inner.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        Services.AddSingleton(options);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(new DistributedApplicationModel(Resources));
        Services.AddSingleton<ResourceLoggerService>();
        Services.AddSingleton(services => new ResourceNotificationService(
            services.GetRequiredService<ILogger<ResourceNotificationService>>(), services,
                services.GetRequiredService<ResourceLoggerService>(),
            Configuration.GetValue("DisableDashboard", false)
                ? WaitBehavior.StopOnResourceUnavailable
                : WaitBehavior.WaitOnResourceUnavailable));
        Services.AddSingleton(services => new ResourceCommandService(
            services.GetRequiredService<ResourceNotificationService>(), services.GetRequiredService<ResourceLoggerService>(), services));
        Services.AddHttpClient();
        Services.AddHealthChecks();
        Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(9));

        Services.AddAspireBundle();
        if (ExecutionContext.IsPublishMode)
        {
            Services.AddPublishers();
        }
        else
        {
            Services.AddDcp();
            Services.AddOrchestration();
            if (!Configuration.GetValue("DisableDashboard", false))
                Services.AddDashboard();
        }
    }
}
