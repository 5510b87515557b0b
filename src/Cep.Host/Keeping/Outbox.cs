using System.Collections.Concurrent;
using System.Threading.Channels;
using Cep.Alerts;
using Cep.Host.Notifying;
using Cep.Host.Running;
using Cep.Storage;
using Cep.Storage.History;

namespace Cep.Host.Keeping;

/// <summary>
/// Alerts on their way out: kept first, then handed to the queues of their sinks, then marked as delivered. What was
/// kept and not marked when the process ended is sent by the next one, with the same id and the same contents.
/// </summary>
internal sealed class Outbox : IDeliveryLog
{
    private const int BatchesWaiting = 64;
    private const int PageRows = 500;
    private readonly Entrance _entrance;
    private readonly Notifier _notifier;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly Channel<Batch> _batches = Channel.CreateBounded<Batch>(BatchesWaiting);
    private readonly ConcurrentDictionary<(string Sink, string Alert), bool> _underway = new();
    private readonly HashSet<string> _missing = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, SinkQueue> _queues = new Dictionary<string, SinkQueue>();
    private volatile bool _lookAgain;
    private long _dead;

    private sealed record Batch(IReadOnlyList<Outgoing> Alerts, Task<IReadOnlyList<string>> Kept);

    public Outbox(Entrance entrance, Notifier notifier, TimeProvider clock, Action<string> log)
    {
        _entrance = entrance;
        _notifier = notifier;
        _clock = clock;
        _log = log;
        entrance.OthersWrote = LookAgain;
    }

    /// <summary>Deliveries given up.</summary>
    public long Dead => Interlocked.Read(ref _dead);

    /// <summary>Keeps alerts and lets them go out once they are; waits while too many are on their way.</summary>
    /// <param name="alerts">What an entry has brought about.</param>
    /// <param name="sequence">The entry.</param>
    public async ValueTask TakeAsync(IReadOnlyList<Alert> alerts, long sequence)
    {
        if (alerts.Count > 0)
            await TakeAsync(Outgoing.Of(alerts, _notifier, _clock.GetUtcNow()), sequence);
    }

    /// <summary>Keeps what has become due, and lets it go out.</summary>
    public async ValueTask TickAsync()
    {
        var notifications = new List<Notification>();
        _notifier.Tick(_clock.GetUtcNow(), notifications);
        if (notifications.Count > 0)
            await TakeAsync([.. Outgoing.Of(notifications)], 0);
    }

    /// <summary>What is kept of something that goes out; of what no rule has raised no record is the cause.</summary>
    public static KeepAlert Stored(Outgoing outgoing, long sequence, long nowMs) => new(
        new StoredAlert(
            outgoing.Alert.Id, outgoing.IsRaised ? sequence : 0, outgoing.Alert.Rule, outgoing.Alert.AtMs, nowMs,
            AlertCodec.Encode(outgoing.Alert)),
        outgoing.To);

    private async ValueTask TakeAsync(IReadOnlyList<Outgoing> batch, long sequence)
    {
        var writes = new StoreWrite[batch.Count];
        for (var i = 0; i < writes.Length; i++)
        {
            writes[i] = Stored(batch[i], sequence, NowMs());
            foreach (var sink in batch[i].To)
                _underway[(sink, batch[i].Alert.Id)] = true;
        }

        var kept = await _entrance.KeepAsync(writes);
        await _batches.Writer.WriteAsync(new Batch(batch, kept));
    }

    /// <summary>Sends what an earlier run has left, then what comes, until <see cref="Complete"/>.</summary>
    public async Task RunAsync(IEnumerable<SinkQueue> queues)
    {
        _queues = queues.ToDictionary(q => q.Name, StringComparer.Ordinal);
        try
        {
            await SendPendingAsync();
            await foreach (var batch in _batches.Reader.ReadAllAsync())
            {
                await SendAsync(batch);
                if (_lookAgain)
                    await SendPendingAsync();
            }
        }
        catch (ChannelClosedException)
        {
            // the queues were closed before all had gone: the rest stays pending
        }
    }

    public void Complete() => _batches.Writer.TryComplete();

    public async ValueTask DeliveredAsync(string sink, Alert alert) =>
        await MarkAsync(new Delivery(sink, alert.Id, DeliveryState.Delivered, 1, NowMs(), null));

    public async ValueTask FailedAsync(string sink, Alert alert, string reason)
    {
        Interlocked.Increment(ref _dead);
        await MarkAsync(new Delivery(sink, alert.Id, DeliveryState.Dead, 1, NowMs(), reason));
    }

    public ValueTask<string> LeftAsync(string sink, Alert alert) => new("it is sent after the next start");

    private async ValueTask MarkAsync(Delivery delivery)
    {
        try
        {
            await _entrance.KeepAsync([new KeepDelivery(delivery)]);
        }
        catch (ChannelClosedException)
        {
            // nothing can be kept any more: it is sent again after the next start, with the same id
        }

        _underway.TryRemove((delivery.Sink, delivery.AlertId), out _);
    }

    private void LookAgain()
    {
        _lookAgain = true;

        // where there is no room, whoever makes some sees the flag
        _batches.Writer.TryWrite(new Batch([], Task.FromResult<IReadOnlyList<string>>([])));
    }

    private async Task SendAsync(Batch batch)
    {
        var known = await batch.Kept;
        foreach (var (alert, sinks, _) in batch.Alerts)
            foreach (var sink in sinks)
            {
                if (known.Contains(alert.Id))
                    _underway.TryRemove((sink, alert.Id), out _);
                else
                    await _queues[sink].AddAsync(alert);
            }
    }

    private async Task SendPendingAsync()
    {
        _lookAgain = false;
        for (var place = 0L; ;)
        {
            var from = place;
            var page = await _entrance.AskAsync(store => store
                .Deliveries(DeliveryState.Pending, from, PageRows)
                .Select(d => (d.Place, d.Delivery.Sink, d.Delivery.AlertId,
                    Alert: IsUnderway(d.Delivery) ? null : store.Alert(d.Delivery.AlertId)))
                .ToList());
            foreach (var (_, sink, id, alert) in page)
                if (alert is not null && _underway.TryAdd((sink, id), true))
                    await SendAsync(sink, AlertCodec.Decode(alert.Body.Span));
            if (page.Count < PageRows)
                return;
            place = page[^1].Place + 1;
        }
    }

    private bool IsUnderway(Delivery delivery) => _underway.ContainsKey((delivery.Sink, delivery.AlertId));

    private async Task SendAsync(string sink, Alert alert)
    {
        if (_queues.TryGetValue(sink, out var queue))
        {
            await queue.AddAsync(alert);
            return;
        }

        _underway.TryRemove((sink, alert.Id), out _);
        if (_missing.Add(sink))
            _log($"there is no sink {sink} any more: what is to go there stays pending");
    }

    private long NowMs() => _clock.GetUtcNow().ToUnixTimeMilliseconds();
}
