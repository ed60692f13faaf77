namespace Aspire.Hosting.Dcp;

/// <summary>How to reach the orchestrator: its address, its certificate and the token it wants.</summary>
internal sealed record Kubeconfig(Uri Server, byte[] CertificateAuthority, string Token)
{
    /// <summary>Null while the file is not there or only half written.</summary>
    public static async Task<Kubeconfig?> TryReadAsync(string path, CancellationToken cancellationToken)
    {
        string text;
        try
        {
            using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            text = await file.ReadToEndAsync(cancellationToken);
        }
        catch (IOException)
        {
            return null;
        }

        // One cluster and one user: three lines of the YAML matter, and the token is the last of them.
        return text.EndsWith('\n')
            && Find("server:") is { } server && Find("certificate-authority-data:") is { } authority && Find("token:") is { } token
                ? new Kubeconfig(new Uri(server), Convert.FromBase64String(authority), token)
                : null;

        string? Find(string key) => text.Split('\n').Select(line => line.Trim())
            .FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?[key.Length..].Trim();
    }
}
