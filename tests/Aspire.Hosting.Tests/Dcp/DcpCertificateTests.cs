using System.Security.Cryptography.X509Certificates;
using Aspire.Hosting.Dcp;

namespace Aspire.Hosting.Tests.Dcp;

public class DcpCertificateTests
{
    [Fact]
    public async Task Certificate_is_of_this_machine_and_fits_its_key()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var (certificate, key) = await DcpCertificate.WriteAsync(folder.FullName, CancellationToken.None);

            using var loaded = X509Certificate2.CreateFromPemFile(certificate, key);
            Assert.True(loaded.HasPrivateKey);
            Assert.True(loaded.MatchesHostname("localhost"));
            Assert.True(loaded.MatchesHostname("127.0.0.1"));
            Assert.InRange(DateTime.Now, loaded.NotBefore, loaded.NotAfter);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
