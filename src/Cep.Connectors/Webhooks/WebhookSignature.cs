using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cep.Connectors.Webhooks;

/// <summary>Signs requests as Standard Webhooks lays down: HMAC-SHA256 over id, timestamp and body.</summary>
internal sealed class WebhookSignature
{
    private const string Prefix = "whsec_";
    private readonly byte[] _key;

    public WebhookSignature(string secret) => _key = secret.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Prefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    public void Sign(HttpRequestMessage request, string id, DateTimeOffset now, byte[] body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", "v1," + Of(id, timestamp, body));
    }

    /// <summary>The signature in base64.</summary>
    public string Of(string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return Convert.ToBase64String(HMACSHA256.HashData(_key, signed));
    }
}
