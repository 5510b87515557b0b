using Cep.Connectors.Formats;
using Microsoft.AspNetCore.Http;

namespace Cep.Connectors.Http;

/// <summary>What a request is answered.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">A JSON object.</param>
internal sealed record HttpAnswer(int Status, byte[] Body)
{
    private const int MaxReasons = 10;

    /// <summary>When the client may come again; null: there is no need to.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Something is wrong with the request, or with the time it came at.</summary>
    public static HttpAnswer Error(int status, string message, TimeSpan? retryAfter = null)
    {
        var json = new Utf8Buffer();
        json.Raw("{\"error\":"u8);
        json.String(message);
        json.Raw("}"u8);
        return new HttpAnswer(status, json.Written.ToArray()) { RetryAfter = retryAfter };
    }

    /// <summary>Counts of what was handed over: 202, or 400 where nothing of it was good.</summary>
    public static HttpAnswer Counts(int accepted, int rejected, IEnumerable<string> reasons, bool repeat = false)
    {
        var json = new Utf8Buffer();
        json.Raw("{\"accepted\":"u8);
        json.Number(accepted);
        json.Raw(",\"rejected\":"u8);
        json.Number(rejected);
        var next = ",\"reasons\":["u8;
        foreach (var reason in reasons.Take(MaxReasons))
        {
            json.Raw(next);
            json.String(reason);
            next = ","u8;
        }

        if (next.Length == 1)
            json.Raw("]"u8);
        json.Raw(repeat ? ",\"repeat\":true}"u8 : "}"u8);
        var status = accepted > 0 ? StatusCodes.Status202Accepted : StatusCodes.Status400BadRequest;
        return new HttpAnswer(status, json.Written.ToArray());
    }

    public async Task WriteAsync(HttpResponse response)
    {
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.ContentLength = Body.Length;
        if (RetryAfter is { } pause)
            response.Headers.RetryAfter = ((long)Math.Ceiling(pause.TotalSeconds)).ToString(
                System.Globalization.CultureInfo.InvariantCulture);
        await response.Body.WriteAsync(Body, response.HttpContext.RequestAborted);
    }
}
