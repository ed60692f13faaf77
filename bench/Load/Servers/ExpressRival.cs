using System.Diagnostics;
using System.Globalization;
using Platform.Embedded;

namespace Platform.Load.Servers;

/// <summary>The same endpoint in Node: Express, ioredis, rate-limiter-flexible, prom-client, jsonwebtoken. Installed by npm outside the repository.</summary>
internal static class ExpressRival
{
    private static readonly string Folder = Path.Combine(Path.GetTempPath(), "platform-load-rivals");

    /// <param name="bodyFile">What the endpoint answers; stands in for its database.</param>
    /// <param name="workers">Processes that share the port.</param>
    public static async Task<(ChildServer Server, string Token)> StartAsync(RunningGarnet garnet, string bodyFile, int workers)
    {
        Directory.CreateDirectory(Folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "rivals")))
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)), overwrite: true);
        if (!Directory.Exists(Path.Combine(Folder, "node_modules", "express")))
            await NpmInstallAsync();
        var tokenFile = Path.Combine(Folder, "token");
        File.Delete(tokenFile);
        var server = await ChildServer.StartAsync("express", port => new ProcessStartInfo("node", ["express.mjs"])
        {
            WorkingDirectory = Folder,
            Environment =
            {
                ["NODE_ENV"] = "production",
                ["PORT"] = port.ToString(CultureInfo.InvariantCulture),
                ["WORKERS"] = workers.ToString(CultureInfo.InvariantCulture),
                ["REDIS_PORT"] = garnet.Port.ToString(CultureInfo.InvariantCulture),
                ["REDIS_PASSWORD"] = garnet.Password,
                ["BODY_FILE"] = bodyFile,
                ["TOKEN_FILE"] = tokenFile,
            },
        }, "/health");
        return (server, await File.ReadAllTextAsync(tokenFile));
    }

    private static async Task NpmInstallAsync()
    {
        using var process = Process.Start(new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"npm install ended with {process.ExitCode}: {await errors}");
    }
}
