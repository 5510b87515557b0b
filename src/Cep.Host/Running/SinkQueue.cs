using System.Threading.Channels;
using Cep.Alerts;
using Cep.Connectors;

namespace Cep.Host.Running;

/// <summary>
/// The alerts on their way to a sink, in lanes: several at a time, but those of one key one after another. Full lanes
/// make whoever has an alert for them wait.
/// </summary>
internal sealed class SinkQueue
{
    private const int Lanes = 8;
    private const int LaneCapacity = 1024;
    private readonly ISink _sink;
    private readonly IDeliveryLog _deliveries;
    private readonly Action<string> _log;
    private readonly Channel<Alert>[] _lanes;
    private readonly Task _work;
    private readonly CancellationTokenSource _giveUp = new();
    private long _delivered;
    private long _failed;
    private long _waiting;

    public SinkQueue(ISink sink, IDeliveryLog deliveries, Action<string> log)
    {
        _sink = sink;
        _deliveries = deliveries;
        _log = log;
        _lanes = [.. Enumerable.Range(0, Lanes).Select(_ => Channel.CreateBounded<Alert>(LaneCapacity))];
        _work = Task.WhenAll(_lanes.Select(l => Task.Run(() => WorkAsync(l.Reader))));
    }

    public string Name => _sink.Name;

    public long Delivered => Interlocked.Read(ref _delivered);

    /// <summary>Deliveries given up.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Alerts on their way, those that are just being delivered included.</summary>
    public long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Deliveries that were tried again.</summary>
    public long Retries => (_sink as ITriesAgain)?.Retries ?? 0;

    public ValueTask AddAsync(Alert alert)
    {
        Interlocked.Increment(ref _waiting);
        var hash = new HashCode();
        hash.Add(alert.Rule);
        foreach (var part in alert.Key)
            hash.Add(part.Value);
        return _lanes[(uint)hash.ToHashCode() % Lanes].Writer.WriteAsync(alert);
    }

    /// <summary>Delivers what is left; what is not delivered in time is left to the log of deliveries.</summary>
    public async Task DrainAsync(TimeSpan limit, TimeProvider clock)
    {
        foreach (var lane in _lanes)
            lane.Writer.TryComplete();
        if (await Task.WhenAny(_work, Task.Delay(limit, clock)) != _work)
            await _giveUp.CancelAsync();
        await _work;
        (_sink as IDisposable)?.Dispose();
    }

    private async Task WorkAsync(ChannelReader<Alert> alerts)
    {
        await foreach (var alert in alerts.ReadAllAsync())
        {
            try
            {
                await _sink.SendAsync(alert, _giveUp.Token);
                Interlocked.Increment(ref _delivered);
                await _deliveries.DeliveredAsync(_sink.Name, alert);
            }
            catch (DeliveryException e)
            {
                Interlocked.Increment(ref _failed);
                await _deliveries.FailedAsync(_sink.Name, alert, e.Message);
                _log($"sink {_sink.Name}: alert {alert.Id} not delivered: {e.Message}");
            }
            catch (OperationCanceledException)
            {
                var what = await _deliveries.LeftAsync(_sink.Name, alert);
                _log($"sink {_sink.Name}: alert {alert.Id} not delivered before the end: {what}");
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }
        }
    }
}
