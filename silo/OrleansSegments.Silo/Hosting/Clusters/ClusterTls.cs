using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Orleans.Connections.Security;

namespace OrleansSegments.Silo.Hosting;

/// <summary>
/// Mutual TLS between the processes of a cluster: each presents a certificate and accepts only those issued by the cluster's own authority.
/// Host names are not compared: silos are addressed by IP, and the authority issues only certificates of the cluster.
/// </summary>
internal sealed class ClusterTls
{
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _authority = [];

    private ClusterTls(X509Certificate2 own) => _own = own;

    public static ClusterTls Read(ClusterSettings settings)
    {
        var tls = new ClusterTls(X509CertificateLoader.LoadPkcs12FromFile(settings.TlsCertificate!, settings.TlsPassword));
        tls._authority.ImportFromPemFile(settings.TlsAuthority!);
        return tls;
    }

    public void Configure(TlsOptions options)
    {
        options.LocalCertificate = _own;
        options.LocalClientCertificateSelector = (_, _, _, _, _) => _own;
        options.RemoteCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.ClientCertificateMode = RemoteCertificateMode.RequireCertificate;
        options.RemoteCertificateValidation = (certificate, _, _) => IsIssued(certificate);
        options.OnAuthenticateAsClient = (_, client) => client.TargetHost = _own.GetNameInfo(X509NameType.DnsName, forIssuer: false);
    }

    private bool IsIssued(X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}

/// <summary>Makes a client that starts before the silos wait for them, so that processes can be started in any order.</summary>
internal sealed class PatientConnection(TimeProvider time, ILogger<PatientConnection> logger) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException)
        {
            return false;
        }

        logger.LogWarning("No silo of the cluster can be reached yet; retrying: {Problem}", exception.Message);
        await Task.Delay(Interval, time, cancellationToken);
        return true;
    }
}

/// <summary>Names used to configure the AdoNet providers.</summary>
internal static class AdoNet
{
    /// <summary>The providers' name of PostgreSQL.</summary>
    public const string Invariant = "Npgsql";
}
