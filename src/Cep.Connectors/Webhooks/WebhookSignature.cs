using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Cep.Connectors.Webhooks;

/// <summary>
/// Signs requests as Standard Webhooks lays down: HMAC-SHA256 over id, timestamp and body, one signature for each key.
/// </summary>
public sealed class WebhookSignature
{
    private const string Prefix = "whsec_";
    private readonly byte[][] _keys;

    /// <param name="secrets">Each <c>whsec_</c> and base64, or any text.</param>
    /// <exception cref="FormatException">One begins with <c>whsec_</c> but no base64 follows.</exception>
    public WebhookSignature(params IReadOnlyList<string> secrets) => _keys = [.. secrets.Select(KeyOf)];

    /// <summary>Adds the three headers.</summary>
    public void Sign(HttpRequestMessage request, string id, DateTimeOffset now, byte[] body)
    {
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", Of(id, timestamp, body));
    }

    /// <summary>The signatures, each <c>v1,</c> and base64, with blanks between them.</summary>
    public string Of(string id, string timestamp, byte[] body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
        return string.Join(
            ' ', _keys.Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }

    private static byte[] KeyOf(string secret) => secret.StartsWith(Prefix, StringComparison.Ordinal)
        ? Convert.FromBase64String(secret[Prefix.Length..])
        : Encoding.UTF8.GetBytes(secret);
}
