using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cep.Connectors.Sockets;

/// <summary>What a connection is encrypted with, read from PEM files.</summary>
public sealed class TlsFiles
{
    private readonly SslStreamCertificateContext? _certificate;
    private readonly X509Certificate2Collection? _authorities;

    private TlsFiles(SslStreamCertificateContext? certificate, X509Certificate2Collection? authorities)
    {
        _certificate = certificate;
        _authorities = authorities;
    }

    /// <param name="cert">The own certificate, with those between it and its authority after it; null: none.</param>
    /// <param name="key">Its private key; null: it stands in the file of the certificate.</param>
    /// <param name="ca">
    /// The only authorities that peers are trusted by; a server then asks its clients for certificates. Null: a client
    /// trusts those of the system, a server asks for none.
    /// </param>
    /// <exception cref="InvalidDataException">A file can't be read or holds no such thing.</exception>
    public static TlsFiles Read(string? cert, string? key, string? ca)
    {
        try
        {
            X509Certificate2Collection? authorities = null;
            if (ca is not null)
            {
                authorities = [];
                authorities.ImportFromPemFile(ca);
                if (authorities.Count == 0)
                    throw new InvalidDataException($"{ca}: there is no certificate in it");
            }

            return new TlsFiles(cert is null ? null : Own(cert, key), authorities);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"tls: {e.Message}", e);
        }
    }

    /// <summary>Encrypts the stream as the server, which needs a certificate.</summary>
    internal async Task<Stream> AsServerAsync(Stream stream, CancellationToken stop)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions
            {
                ServerCertificateContext = _certificate,
                ClientCertificateRequired = _authorities is not null,
                CertificateChainPolicy = Policy(),
            },
            stop);
        return encrypted;
    }

    /// <summary>Encrypts the stream as a client of the server of that name.</summary>
    internal async Task<Stream> AsClientAsync(Stream stream, string host, CancellationToken stop)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = host,
                ClientCertificateContext = _certificate,
                CertificateChainPolicy = Policy(),
            },
            stop);
        return encrypted;
    }

    private static SslStreamCertificateContext Own(string cert, string? key)
    {
        var own = X509Certificate2.CreateFromPemFile(cert, key);
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(cert);
        return SslStreamCertificateContext.Create(own, chain, offline: true);
    }

    private X509ChainPolicy? Policy()
    {
        if (_authorities is null)
            return null;
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }
}
