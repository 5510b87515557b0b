using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cep.Mqtt;

/// <summary>Whom to trust and as whom to appear, in PEM files.</summary>
/// <param name="CaFile">The authorities that the peer's certificate must come from; null: those of the system.</param>
/// <param name="CertificateFile">The own certificate, with intermediate ones after it; null: none.</param>
/// <param name="KeyFile">Its key; null: in the certificate's file.</param>
public sealed record MqttTls(string? CaFile = null, string? CertificateFile = null, string? KeyFile = null)
{
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="CryptographicException">A file is not what it should be.</exception>
    internal SslClientAuthenticationOptions ForClient(string host) => new()
    {
        TargetHost = host,
        CertificateChainPolicy = Policy(),
        ClientCertificateContext = Own(),
    };

    internal SslServerAuthenticationOptions ForServer() => new()
    {
        ServerCertificateContext =
            Own() ?? throw new ArgumentException("A listener with TLS needs a certificate.", nameof(CertificateFile)),
        ClientCertificateRequired = CaFile is not null,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback =
            CaFile is null ? null : (_, _, _, errors) => errors == SslPolicyErrors.None,
    };

    private X509ChainPolicy? Policy()
    {
        if (CaFile is null)
            return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.ImportFromPemFile(CaFile);
        return policy;
    }

    private SslStreamCertificateContext? Own()
    {
        if (CertificateFile is null)
            return null;
        var certificate = X509Certificate2.CreateFromPemFile(CertificateFile, KeyFile ?? CertificateFile);
        var further = new X509Certificate2Collection();
        further.ImportFromPemFile(CertificateFile);
        return SslStreamCertificateContext.Create(certificate, further, offline: true);
    }
}
