using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Connectors.Webhooks;
using Cep.Plans;

namespace Cep.Connectors.Alertmanager;

/// <summary>
/// Posts alerts to a Prometheus Alertmanager (API v2). An alert that will be resolved is sent again before it expires,
/// until it is; one that never will be expires by itself.
/// </summary>
/// <remarks>
/// The labels, which an alert is known by there, are the rule as <c>alertname</c>, the severity, the key and the
/// alert's own; the message is the annotation <c>summary</c>, and the fields are annotations too.
/// </remarks>
public sealed class AlertmanagerSink : ISink, ITriesAgain, IDisposable
{
    private const int MaxActive = 10_000;
    private readonly Uri _url;
    private readonly Func<string, bool> _resolves;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _interval;
    private readonly HttpDelivery _delivery;
    private readonly HttpDelivery _refresh;
    private readonly Dictionary<string, Active> _active = new(StringComparer.Ordinal);

    // what is sent again must not overtake that it is over
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _refreshing;

    private sealed record Active(Alert Alert, DateTimeOffset Since);

    /// <param name="name">Its name in the deployment file.</param>
    /// <param name="url">The Alertmanager, without <c>/api/v2/alerts</c>.</param>
    /// <param name="resolves">Tells of a rule whether its alerts are resolved.</param>
    /// <param name="delivery">How hard it is tried.</param>
    /// <param name="clock">Gives starts and ends, and measures the interval.</param>
    /// <param name="interval">How long until an alert is sent again; it expires after four of them.</param>
    public AlertmanagerSink(
        string name, Uri url, Func<string, bool> resolves, DeliveryOptions delivery, TimeProvider clock,
        TimeSpan? interval = null)
    {
        Name = name;
        _url = new Uri(url.AbsoluteUri.TrimEnd('/') + "/api/v2/alerts");
        _resolves = resolves;
        _clock = clock;
        _interval = interval ?? TimeSpan.FromMinutes(1);
        _delivery = new HttpDelivery(delivery, clock);
        _refresh = new HttpDelivery(delivery with { RetryFor = TimeSpan.Zero }, clock);
        _refreshing = RefreshAsync();
    }

    public string Name { get; }

    long ITriesAgain.Retries => _delivery.Retries;

    /// <summary>Alerts that are not sent again because there are too many.</summary>
    public long Unrefreshed { get; private set; }

    public async Task SendAsync(Alert alert, CancellationToken stop)
    {
        await _turn.WaitAsync(stop);
        try
        {
            var now = _clock.GetUtcNow();
            var id = IdOf(alert);
            if (alert.Status == AlertStatus.Firing)
            {
                var starts = Earlier(DateTimeOffset.FromUnixTimeMilliseconds(alert.AtMs), now);
                if (_resolves(alert.Rule))
                    Remember(id, new Active(alert, starts));
                await PostAsync(_delivery, [(alert, starts, now + (4 * _interval))], stop);
            }
            else
            {
                // known there by the labels it fired with
                var fired = _active.GetValueOrDefault(id) ?? new Active(alert, now);
                await PostAsync(_delivery, [(fired.Alert, Earlier(fired.Since, now), now)], stop);
                _active.Remove(id);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _refreshing.ContinueWith(
            _ =>
            {
                _delivery.Dispose();
                _refresh.Dispose();
            },
            TaskScheduler.Default);
    }

    private void Remember(string id, Active active)
    {
        if (_active.Count < MaxActive || _active.ContainsKey(id))
            _active[id] = active;
        else
            Unrefreshed++;
    }

    private async Task RefreshAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_interval, _clock, _stop.Token);
                await _turn.WaitAsync(_stop.Token);
                try
                {
                    var ends = _clock.GetUtcNow() + (4 * _interval);
                    foreach (var some in _active.Values.Chunk(100))
                        await PostAsync(_refresh, [.. some.Select(a => (a.Alert, a.Since, ends))], _stop.Token);
                }
                catch (DeliveryException)
                {
                    // there are three more times before they expire
                }
                finally
                {
                    _turn.Release();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the end
        }
    }

    private Task PostAsync(
        HttpDelivery delivery, (Alert Alert, DateTimeOffset Starts, DateTimeOffset Ends)[] alerts,
        CancellationToken stop)
    {
        var json = new Utf8Buffer();
        for (var i = 0; i < alerts.Length; i++)
        {
            json.Raw(i == 0 ? "["u8 : ","u8);
            Write(json, alerts[i].Alert, alerts[i].Starts, alerts[i].Ends);
        }

        json.Raw("]"u8);
        var body = json.Written.ToArray();
        return delivery.PostAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                return request;
            },
            stop);
    }

    private static void Write(Utf8Buffer json, Alert alert, DateTimeOffset starts, DateTimeOffset ends)
    {
        json.Raw("{\"labels\":"u8);
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in alert.Labels)
            labels[LabelName(name)] = value;
        foreach (var (name, value) in alert.Key)
            labels[LabelName(name)] = Text(value);
        labels["alertname"] = alert.Rule;
        labels["severity"] = alert.Severity.ToString().ToLowerInvariant();
        Write(json, labels);
        json.Raw(",\"annotations\":"u8);
        var annotations = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in alert.Fields)
            annotations[LabelName(name)] = Text(value);
        annotations["summary"] = alert.Message;
        annotations["cep_id"] = alert.Id;
        Write(json, annotations);
        json.Raw(",\"startsAt\":"u8);
        json.Time(starts.ToUnixTimeMilliseconds());
        json.Raw(",\"endsAt\":"u8);
        json.Time(ends.ToUnixTimeMilliseconds());
        json.Raw("}"u8);
    }

    private static void Write(Utf8Buffer json, IEnumerable<KeyValuePair<string, string>> members)
    {
        var before = "{"u8;
        foreach (var (name, value) in members)
        {
            // an empty label is none there
            if (value.Length == 0)
                continue;
            json.Raw(before);
            json.String(name);
            json.Raw(":"u8);
            json.String(value);
            before = ","u8;
        }

        json.Raw("}"u8);
    }

    /// <summary>The name with what Prometheus allows in one.</summary>
    private static string LabelName(string name)
    {
        var allowed = new StringBuilder(name.Length + 1);
        if (name.Length == 0 || char.IsAsciiDigit(name[0]))
            allowed.Append('_');
        foreach (var c in name)
            allowed.Append(char.IsAsciiLetterOrDigit(c) ? c : '_');
        return allowed.ToString();
    }

    private static string Text(object? value)
    {
        if (value is string or null)
            return (string?)value ?? "";
        var json = new Utf8Buffer();
        AlertJson.Value(json, value);
        return Encoding.UTF8.GetString(json.Written).Trim('"');
    }

    private static string IdOf(Alert alert)
    {
        var key = new Utf8Buffer();
        AlertJson.WriteKey(key, alert);
        return string.Create(CultureInfo.InvariantCulture, $"{alert.Rule}\n{Encoding.UTF8.GetString(key.Written)}");
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
