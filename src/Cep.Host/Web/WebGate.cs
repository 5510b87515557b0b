using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Cep.Host.Web;

/// <summary>
/// Lets a request pass that brings the token. Without a token only this machine may come, and no page that a browser
/// has from elsewhere.
/// </summary>
internal sealed class WebGate(WebSettings settings)
{
    private const string Scheme = "Bearer ";

    // of hashes the comparison takes the same time whatever was sent
    private readonly byte[]? _token = settings.Token is { } token ? HashOf(token) : null;

    public Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var anonymous = context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if (_token is null ? !IsLocal(context.Request) : !anonymous && !HasToken(context.Request))
            return RefuseAsync(context.Response);
        return next(context);
    }

    private bool HasToken(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(HashOf(header[Scheme.Length..].Trim()), _token);
    }

    private static byte[] HashOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));

    private static bool IsLocal(HttpRequest request) =>
        IsLocal(request.Host.Host)
        && (request.Headers.Origin.Count == 0
            || (Uri.TryCreate(request.Headers.Origin, UriKind.Absolute, out var origin) && IsLocal(origin.Host)));

    // a name from elsewhere that leads here is another site's, in a browser of this machine
    private static bool IsLocal(string host) =>
        host == "localhost"
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    private Task RefuseAsync(HttpResponse response)
    {
        response.StatusCode = _token is null ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized;
        if (_token is not null)
            response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
