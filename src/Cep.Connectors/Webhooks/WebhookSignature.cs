using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cep.Connectors.Webhooks;

/// <summary>Signs requests as Standard Webhooks lays down: HMAC-SHA256 over id, timestamp and body.</summary>
public sealed class WebhookSignature
{
    private const string Prefix = "whsec_";
    private readonly byte[] _key;

    /// <param name="secret"><c>whsec_</c> and base64, or any text.</param>
    /// <exception cref="FormatException">It begins with <c>whsec_</c> but no base64 follows.</exception>
    public WebhookSignature(string secret) => _key = secret.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Prefix.Length..])
        : Encoding.UTF8.GetBytes(secret);

    /// <summary>Adds the three headers.</summary>
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
