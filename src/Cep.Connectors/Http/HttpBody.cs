using System.IO.Compression;
using Cep.Connectors.Formats;
using Microsoft.AspNetCore.Http;

namespace Cep.Connectors.Http;

/// <summary>The bytes of a request, all of them; they count against what all requests may hold together.</summary>
internal sealed class HttpBody : IDisposable
{
    private const int FirstBytes = 16 << 10;
    private readonly ByteBudget _budget;
    private int _budgeted;

    private HttpBody(ByteBudget budget) => _budget = budget;

    /// <summary>The bytes, with room after them for a line feed and <see cref="IEventDecoder.Padding"/>.</summary>
    public byte[] Bytes { get; private set; } = [];

    public int Length { get; private set; }

    /// <summary>Reads a body to its end, inflating it where it is gzipped.</summary>
    /// <exception cref="RefusedRequestException">It is too large, broken, late, or there is no room for it.</exception>
    public static async Task<HttpBody> ReadAsync(
        HttpRequest request, HttpLimits limits, ByteBudget budget, TimeProvider clock)
    {
        if (request.ContentLength > limits.BodyBytes)
            throw TooLarge(limits);
        using var late = new CancellationTokenSource(limits.BodyTime, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(
            late.Token, request.HttpContext.RequestAborted);
        var body = new HttpBody(budget);
        try
        {
            await body.FillAsync(Inflated(request), limits, stop.Token);
            return body;
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            body.Dispose();
            throw new RefusedRequestException(StatusCodes.Status408RequestTimeout, "the body took too long");
        }
        catch (BadHttpRequestException e)
        {
            body.Dispose();
            throw new RefusedRequestException(e.StatusCode, e.Message);
        }
        catch (InvalidDataException)
        {
            body.Dispose();
            throw new RefusedRequestException(StatusCodes.Status400BadRequest, "the body is not gzipped as it says");
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _budget.Give(_budgeted);
        _budgeted = 0;
    }

    private static Stream Inflated(HttpRequest request) => request.Headers.ContentEncoding.ToString() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        _ => throw new RefusedRequestException(
            StatusCodes.Status415UnsupportedMediaType, "the Content-Encoding is none or gzip"),
    };

    private async Task FillAsync(Stream from, HttpLimits limits, CancellationToken stop)
    {
        while (true)
        {
            var room = Bytes.Length - IEventDecoder.Padding - 1 - Length;
            if (room <= 0)
            {
                Grow();
                continue;
            }

            var got = await from.ReadAsync(Bytes.AsMemory(Length, room), stop);
            if (got == 0)
                return;
            Length += got;
            if (Length > limits.BodyBytes)
                throw TooLarge(limits);
        }
    }

    private void Grow()
    {
        var more = Math.Max(FirstBytes, Bytes.Length);
        if (!_budget.TryTake(more))
            throw new RefusedRequestException(
                StatusCodes.Status429TooManyRequests, "there are too many requests", TimeSpan.FromSeconds(1));
        _budgeted += more;
        var grown = new byte[Bytes.Length + more];
        Bytes.AsSpan(0, Length).CopyTo(grown);
        Bytes = grown;
    }

    private static RefusedRequestException TooLarge(HttpLimits limits) => new(
        StatusCodes.Status413PayloadTooLarge, $"the body has more than {limits.BodyBytes} bytes");
}
