using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using OrleansSegments.ClusterTests.Hosting;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.TestKit.Waiting;
using Xunit;

namespace OrleansSegments.ClusterTests.Clusters;

public sealed class TlsTests : IDisposable
{
    private const int Customers = 60;

    private static readonly DateTimeOffset ValidFrom = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset ValidTo = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset At = TrainedPopulation.End;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Silos_of_one_authority_work_together_and_nobody_else_gets_in()
    {
        Directory.CreateDirectory(_folder.Path);
        using var authority = NewAuthority("ours");
        using var own = Issue(authority);
        using var stranger = NewAuthority("theirs");
        using var foreign = Issue(stranger);
        await using var cluster = await SiloCluster.StartAsync(2, At, settings => Secure(settings, own, authority));

        foreach (var silo in cluster.Silos)
            await silo.RouteAllAsync(Enumerable.Range(0, Customers).Select(customer => RandomShopper.Order($"c{customer}", $"{silo.GetHashCode()}-{customer}", At)));

        foreach (var silo in cluster.Silos)
            for (var customer = 0; customer < Customers; customer++)
                Assert.Equal(2, (await silo.ViewAsync($"c{customer}")).EventCount);
        Assert.True(await IsLetInAsync(cluster.NewestSiloPort, own));
        Assert.False(await IsLetInAsync(cluster.NewestSiloPort, foreign));
        Assert.False(await IsLetInAsync(cluster.NewestSiloPort, null));
    }

    private void Secure(ClusterSettings settings, X509Certificate2 own, X509Certificate2 authority)
    {
        settings.TlsPassword = "secret";
        settings.TlsCertificate = Path.Combine(_folder.Path, "silo.p12");
        settings.TlsAuthority = Path.Combine(_folder.Path, "authority.pem");
        File.WriteAllBytes(settings.TlsCertificate, own.Export(X509ContentType.Pkcs12, settings.TlsPassword));
        File.WriteAllText(settings.TlsAuthority, authority.ExportCertificatePem());
    }

    /// <summary>True when a silo keeps the connection of a client with this certificate, or with none.</summary>
    private static async Task<bool> IsLetInAsync(int port, X509Certificate2? certificate)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "silo",
                ClientCertificates = certificate is null ? null : [certificate],

                // Within a cluster names are not compared, only the issuer.
                RemoteCertificateValidationCallback = static (_, shown, _, _) => shown is { Issuer: "CN=ours" },
            });

            // A silo starts with its preamble, or closes the connection.
            return await tls.ReadAsync(new byte[1]).AsTask().WaitAsync(Condition.Patience) > 0;
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static X509Certificate2 NewAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(ValidFrom, ValidTo);
    }

    private static X509Certificate2 Issue(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=silo", key, HashAlgorithmName.SHA256);
        using var issued = request.Create(authority, ValidFrom, ValidTo, RandomNumberGenerator.GetBytes(8));
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
