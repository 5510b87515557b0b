using System.Text.Json;
using Cep.Connectors.Formats;
using Cep.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Cep.Connectors.Http;

/// <summary>
/// Events that are posted: NDJSON, a JSON array or object, or CloudEvents 1.0 (structured, batched or binary), gzipped
/// or not. A request is taken as a whole and answered by 202 once it is kept; with an <c>Idempotency-Key</c> it can be
/// repeated without being taken twice.
/// </summary>
public sealed class HttpSource : ISource
{
    private const int MaxKeyLength = 255;
    private readonly StreamSchema _schema;
    private readonly DecoderOptions _options;
    private readonly HttpLimits _limits;
    private readonly TimeProvider _clock;
    private readonly ByteBudget _budget;

    // one request hands over at a time: while it waits for the engine, the others' patience runs
    private readonly SemaphoreSlim _turn = new(1);
    private Intake? _intake;
    private IdempotencyKeys? _keys;
    private long _refused;

    public HttpSource(
        string path, StreamSchema schema, DecoderOptions options, TimeProvider clock, HttpLimits? limits = null)
    {
        Path = path;
        _schema = schema;
        _options = options;
        _clock = clock;
        _limits = limits ?? new HttpLimits();
        _budget = new ByteBudget(_limits.BodyBytesTogether);
    }

    /// <summary>Where events are posted to.</summary>
    public string Path { get; }

    public string Name => $"http {Path}";

    public string Stream => _schema.Name;

    /// <summary>Requests that were sent away because the engine was busy.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public async Task RunAsync(Intake intake, CancellationToken stop)
    {
        _keys = new IdempotencyKeys(_limits.Keys, intake);
        _intake = intake;
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _clock, stop);
        }
        catch (OperationCanceledException)
        {
            // whoever hands over at the moment may still end it
            await _turn.WaitAsync(CancellationToken.None);
            _intake = null;
            _turn.Release();
        }
    }

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        HttpAnswer answer;
        try
        {
            answer = await AnswerAsync(context.Request, context.RequestAborted);
        }
        catch (RefusedRequestException e)
        {
            answer = e.Answer;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // the client is gone
            context.Abort();
            return;
        }

        if (answer.Status is StatusCodes.Status429TooManyRequests)
            Interlocked.Increment(ref _refused);
        await answer.WriteAsync(context.Response);
    }

    private async Task<HttpAnswer> AnswerAsync(HttpRequest request, CancellationToken gone)
    {
        if (_intake is not { } intake || _keys is not { } keys)
            return NotRunning();
        var format = FormatOf(request);
        var key = KeyOf(request);
        using var body = await HttpBody.ReadAsync(request, _limits, _budget, _clock);
        var hash = key is null ? 0 : IdempotencyKeys.HashOf(body.Bytes.AsSpan(0, body.Length));
        if (_limits.Dedupe)
            key ??= EventKey(request, body, format);
        if (key is not { } named)
            return await HandOverAsync(intake, Decode(request, body, format), null, null, gone);
        if (await keys.BeginAsync(named, gone) is { } earlier)
            return await RepeatAsync(intake, earlier, hash);
        return await FirstAsync(intake, keys, named, hash, () => Decode(request, body, format), gone);
    }

    private async Task<HttpAnswer> FirstAsync(
        Intake intake, IdempotencyKeys keys, UInt128 key, ulong hash, Func<EventBatch> decode, CancellationToken gone)
    {
        var taken = false;
        try
        {
            var batch = decode();
            var (mark, kept) = keys.Complete(
                key, new IdempotencyKeys.Entry(hash, batch.Count, batch.Rejected.Count));
            return await HandOverAsync(
                intake, batch, mark, kept, gone, () => taken = true);
        }
        finally
        {
            if (!taken)
                keys.GiveUp(key);
        }
    }

    private async Task<HttpAnswer> RepeatAsync(Intake intake, IdempotencyKeys.Entry earlier, ulong hash)
    {
        if (earlier.BodyHash != hash)
            return HttpAnswer.Error(
                StatusCodes.Status422UnprocessableEntity, "the Idempotency-Key was used with another body");
        var batch = new NdjsonDecoder(_schema, _options).Build();
        batch.Duplicates = earlier.Accepted + earlier.Rejected;
        await TakeAsync(intake, new Arrival(batch));
        return HttpAnswer.Counts(earlier.Accepted, earlier.Rejected, [], repeat: true);
    }

    private async Task<HttpAnswer> HandOverAsync(
        Intake intake, EventBatch batch, SourceMark? mark, Action? also, CancellationToken gone, Action? taken = null)
    {
        if (batch.Count + batch.Rejected.Count == 0)
            return HttpAnswer.Error(StatusCodes.Status400BadRequest, "there is no event in the body");
        var (accepted, rejected) = (batch.Count, batch.Rejected.Count);
        var reasons = batch.Rejected.Select(r => r.Reason).ToList();
        var kept = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await TakeAsync(
            intake,
            new Arrival(batch)
            {
                Mark = mark,
                Kept = () =>
                {
                    also?.Invoke();
                    kept.SetResult();
                },
            },
            taken);
        try
        {
            await kept.Task.WaitAsync(_limits.KeepingTime, _clock, gone);
        }
        catch (TimeoutException)
        {
            return HttpAnswer.Error(
                StatusCodes.Status503ServiceUnavailable, "the events are taken, but not kept yet", _limits.Patience);
        }

        return HttpAnswer.Counts(accepted, rejected, reasons);
    }

    private async Task TakeAsync(Intake intake, Arrival arrival, Action? taken = null)
    {
        using var patience = new CancellationTokenSource(_limits.Patience, _clock);
        try
        {
            await _turn.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new RefusedRequestException(
                StatusCodes.Status429TooManyRequests, "the engine is busy", TimeSpan.FromSeconds(1));
        }

        try
        {
            if (_intake is null)
                throw new RefusedRequestException(
                    StatusCodes.Status503ServiceUnavailable, "not running", TimeSpan.FromSeconds(5));
            await intake.AcceptAsync(arrival, CancellationToken.None);
            taken?.Invoke();
        }
        finally
        {
            _turn.Release();
        }
    }

    private EventBatch Decode(HttpRequest request, HttpBody body, BodyFormat format)
    {
        var decoder = new NdjsonDecoder(_schema, _options)
        {
            ArrivalMs = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        var json = body.Bytes.AsSpan(0, body.Length);
        if (format == BodyFormat.Lines || (format == BodyFormat.Json && !IsOneDocument(json)))
        {
            body.Bytes[body.Length] = (byte)'\n';
            decoder.Decode(body.Bytes, 0, body.Length + 1, int.MaxValue, final: true);
            return decoder.Build();
        }

        var lines = new Utf8Buffer(body.Length + IEventDecoder.Padding + 256);
        var timeField = _schema.TimeField < 0 ? null : _schema.Fields[_schema.TimeField].Name;
        var events = new EventLines(lines, timeField, (reason, raw) => decoder.Reject(reason, raw));
        try
        {
            if (format != BodyFormat.BinaryCloudEvent)
                events.Document(json, format == BodyFormat.CloudEvents);
            else if (CloudEvent.FaultOf(a => request.Headers["ce-" + a]) is { } fault)
                decoder.Reject(fault, json);
            else
                events.Event(json, request.Headers["ce-time"]);
            Decode(decoder, lines);
            return decoder.Build();
        }
        catch (JsonException e)
        {
            decoder.Build();
            decoder.Reject(JsonRowReader.Explain(e), json);
            return decoder.Build();
        }
    }

    private static void Decode(NdjsonDecoder decoder, Utf8Buffer lines)
    {
        var end = lines.Length;
        if (end == 0)
            return;
        var padded = new byte[end + IEventDecoder.Padding];
        lines.Written.CopyTo(padded);
        decoder.Decode(padded, 0, end, int.MaxValue, final: true);
    }

    /// <summary>An array, or an object that may go over several lines; else it is lines of objects.</summary>
    private static bool IsOneDocument(ReadOnlySpan<byte> json)
    {
        var text = json.Trim(" \t\r\n"u8);
        if (text is [(byte)'[', ..])
            return true;
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 64 });
            while (reader.Read())
                reader.Skip();
            return true;
        }
        catch (JsonException)
        {
            return text.IndexOf((byte)'\n') < 0;
        }
    }

    private static BodyFormat FormatOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return request.Headers.ContainsKey("ce-specversion") ? BodyFormat.BinaryCloudEvent : BodyFormat.Lines;
        var name = type.MediaType.ToString().ToLowerInvariant();
        var charset = type.Charset.ToString().Trim('"');
        if (charset.Length > 0 && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new RefusedRequestException(StatusCodes.Status415UnsupportedMediaType, "the charset is utf-8");
        switch (name)
        {
            case "application/cloudevents+json" or "application/cloudevents-batch+json":
                return BodyFormat.CloudEvents;
            case "application/json":
                return request.Headers.ContainsKey("ce-specversion") ? BodyFormat.BinaryCloudEvent : BodyFormat.Json;
            case "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/json-lines"
                or "text/plain" or "application/octet-stream" or "application/x-www-form-urlencoded":
                return BodyFormat.Lines;
            default:
                throw new RefusedRequestException(
                    StatusCodes.Status415UnsupportedMediaType,
                    "the Content-Type is application/x-ndjson, application/json, application/cloudevents+json or "
                    + "application/cloudevents-batch+json");
        }
    }

    private static UInt128? KeyOf(HttpRequest request)
    {
        var header = request.Headers["Idempotency-Key"];
        if (header.Count == 0)
            return null;
        var key = header.ToString();
        if (header.Count > 1 || key.Length is 0 or > MaxKeyLength)
            throw new RefusedRequestException(
                StatusCodes.Status400BadRequest, $"an Idempotency-Key has 1 to {MaxKeyLength} characters");
        return IdempotencyKeys.HashOf(key);
    }

    /// <summary>The key of an event that is posted by itself; null where there is none.</summary>
    private static UInt128? EventKey(HttpRequest request, HttpBody body, BodyFormat format)
    {
        string? identity = null;
        if (format == BodyFormat.BinaryCloudEvent)
            identity = CloudEvent.IdentityOf(a => request.Headers["ce-" + a]);
        else if (format == BodyFormat.CloudEvents)
            identity = IdentityIn(body.Bytes.AsSpan(0, body.Length).Trim(" \t\r\n"u8));
        return identity is null ? null : IdempotencyKeys.HashOf(identity);
    }

    private static string? IdentityIn(ReadOnlySpan<byte> json)
    {
        try
        {
            return CloudEvent.Read(json).Identity;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static HttpAnswer NotRunning() =>
        HttpAnswer.Error(StatusCodes.Status503ServiceUnavailable, "not running", TimeSpan.FromSeconds(5));

    private enum BodyFormat
    {
        Lines,
        Json,
        CloudEvents,
        BinaryCloudEvent,
    }
}
