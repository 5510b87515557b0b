using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Cep.Connectors.Tests;

/// <summary>An authority made for a test, and a certificate of it for localhost, in PEM files.</summary>
internal sealed class Certificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-tls-").FullName;

    public Certificates()
    {
        var from = DateTimeOffset.UtcNow.AddDays(-1);
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=test authority", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(from, from.AddDays(30));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(ca, from, from.AddDays(20), [1, 2, 3, 4]);
        File.WriteAllText(Cert, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Ca, ca.ExportCertificatePem());
    }

    public string Cert => Path.Combine(_folder, "cert.pem");

    public string Key => Path.Combine(_folder, "key.pem");

    public string Ca => Path.Combine(_folder, "ca.pem");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
