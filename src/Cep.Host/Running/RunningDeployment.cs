using System.Buffers;
using System.Runtime.ExceptionServices;
using Cep.Connectors;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Notifying;
using Cep.Host.Operating;
using Cep.Host.Web;
using Cep.Storage;

namespace Cep.Host.Running;

/// <summary>
/// Sources → entrance (order, journal) → engine → outbox → queues of sinks. One task drives the engine; whatever waits
/// (a full queue, a slow receiver) is felt by the sources.
/// </summary>
public sealed class RunningDeployment : IDisposable
{
    private const double LongestPauseMs = 86_400_000;
    private readonly KeptState _state;
    private readonly Playback _playback;
    private readonly Entrance _entrance;
    private readonly Outbox? _outbox;
    private readonly Checkpoints? _checkpoints;
    private readonly RuleReload _reload;
    private readonly IReadOnlyList<ISource> _sources;
    private readonly Dictionary<ISource, SourceCounts> _sourceCounts;
    private readonly EngineWatch _watch;
    private readonly Dictionary<string, SinkQueue> _queues;
    private readonly DeadLetterFile _deadLetters;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private Task _driving = Task.CompletedTask;
    private long _events;
    private long _rejected;
    private long _alerts;

    /// <param name="state">The engine, and what is kept of it; it belongs to the deployment from now on.</param>
    /// <param name="sources">Where events come from.</param>
    /// <param name="sinks">Where alerts go.</param>
    /// <param name="deployment">The routes between them, and what is kept where.</param>
    /// <param name="clock">Stamps what is kept, and measures how long streams are silent.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    internal RunningDeployment(
        KeptState state, IReadOnlyList<ISource> sources, IReadOnlyList<ISink> sinks, Deployment deployment,
        TimeProvider clock, Action<string> log)
    {
        _state = state;
        _playback = state.Playback;
        _sources = sources;
        _sourceCounts = sources.ToDictionary(s => s, s => new SourceCounts(s));
        _watch = new EngineWatch(() => _playback, clock);
        _clock = clock;
        _log = log;
        Notifier = state.Notifier;
        _deadLetters = new DeadLetterFile(deployment.DeadLetters);
        _entrance = new Entrance(
            state.Store, _playback.Rules.Plan, state.Start, state.Store is null ? _deadLetters : null, clock);
        if (state.Store is not null)
        {
            _outbox = new Outbox(_entrance, Notifier, clock, log);
            _checkpoints = new Checkpoints(_playback, _entrance, state.Checkpoint, deployment.State!, clock, log);
            _checkpoints.Add(Notifier.StateSection, to => to.Write(Notifier.Save()));
        }

        _reload = new RuleReload(deployment, _playback.Rules, _entrance.ChangeAsync, clock, log);
        IDeliveryLog deliveries = _outbox is null ? _deadLetters : _outbox;
        _queues = sinks.ToDictionary(s => s.Name, s => new SinkQueue(s, deliveries, log), StringComparer.Ordinal);
        Operation = new Operation(clock)
        {
            Watch = _watch,
            Entrance = _entrance,
            Checkpoints = _checkpoints,
            Notifier = Notifier,
            Sources = [.. _sourceCounts.Values],
            Sinks = [.. _queues.Values],
        };
    }

    /// <summary>How it is doing.</summary>
    internal Operation Operation { get; }

    /// <summary>Decides which alerts go where and when.</summary>
    public Notifier Notifier { get; }

    /// <summary>What listens for HTTP; null: nothing does.</summary>
    public WebHost? Web { get; internal set; }

    /// <summary>How long alerts may take to be delivered after the end.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Events received and alerts raised so far.</summary>
    public (long Events, long Alerts) Progress => (Interlocked.Read(ref _events), Interlocked.Read(ref _alerts));

    /// <summary>Looks at the rule files now: what has changed takes effect.</summary>
    public void ReloadRules() => _reload.Wake();

    /// <summary>
    /// Runs until it is stopped; then the sources stop, what they have accepted goes through the engine, and what the
    /// engine has raised is delivered. The clock of the events stays where it is: the end of a run is not the end of
    /// time.
    /// </summary>
    /// <exception cref="StoreException">Something could not be kept: it stopped, and no source was told
    /// otherwise.</exception>
    public async Task<DeploymentSummary> RunAsync(CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await RunToEndAsync(ended);
            return Summary();
        }
        catch (Exception) when (_entrance.Failure is not null)
        {
            await ended.CancelAsync();
            _outbox?.Complete();
            await Task.WhenAll(_queues.Values.Select(q => q.DrainAsync(TimeSpan.Zero, _clock)));
            await Task.WhenAny(_driving);
            ExceptionDispatchInfo.Throw(_entrance.Failure);
            throw;
        }
    }

    public void Dispose()
    {
        _deadLetters.Dispose();
        _state.Dispose();
    }

    private async Task RunToEndAsync(CancellationTokenSource ended)
    {
        var entrance = Task.Run(_entrance.RunAsync, CancellationToken.None);
        var sending = _outbox?.RunAsync(_queues.Values) ?? Task.CompletedTask;
        _driving = DriveAsync();
        var sources = Task.WhenAll(_sources.Select(s => RunSourceAsync(s, ended.Token)));
        Operation.Phase = RunPhase.Running;

        var reloading = _reload.RunAsync(ended.Token);

        // where nothing can be kept any more there is no point in going on
        await Task.WhenAny(WaitAsync(ended.Token), entrance, _driving, _outbox is null ? _driving : sending);
        Operation.Phase = RunPhase.Stopping;
        await ended.CancelAsync();
        await sources;
        await reloading;
        _entrance.CompleteArrivals();
        await _driving;
        await SendWaitingAsync();
        if (_checkpoints is not null)
            await _checkpoints.TakeLastAsync();
        _outbox?.Complete();
        await Task.WhenAny(sending, Task.Delay(DrainLimit, _clock, CancellationToken.None));
        await Task.WhenAll(_queues.Values.Select(q => q.DrainAsync(DrainLimit, _clock)));
        await sending;
        _entrance.Complete();
        await entrance;
        await (Web?.DisposeAsync() ?? default);
    }

    private DeploymentSummary Summary() => new(
        _events, _rejected, _alerts, _queues.Values.ToDictionary(q => q.Name, q => q.Delivered),
        _outbox?.Dead ?? _deadLetters.Alerts, _playback.Engine.Ledger);

    private static async Task WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (stop.Register(stopped.SetResult))
            await stopped.Task;
    }

    private async Task RunSourceAsync(ISource source, CancellationToken stop)
    {
        _log($"source {source.Name} -> {source.Stream}");
        var counts = _sourceCounts[source];
        counts.State = SourceState.Running;
        try
        {
            await source.RunAsync(counts.Counted(_entrance.IntakeOf(source)), stop);
            counts.State = SourceState.Ended;
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
        catch (System.Threading.Channels.ChannelClosedException)
        {
            // nothing can be kept any more: whoever waits for the entrance says why
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            counts.State = SourceState.Failed;
            _log($"source {source.Name}: {e.Message}");
        }
    }

    private async Task DriveAsync()
    {
        var entries = _entrance.Entries;
        var more = entries.WaitToReadAsync().AsTask();
        while (true)
        {
            if (!more.IsCompleted && PauseLeft() is { } pause)
                await Task.WhenAny(more, Task.Delay(pause, _clock));
            else
                await more;
            if (more.IsCompleted && !await more)
                return;
            while (entries.TryRead(out var entry))
                await TakeAsync(entry);
            await TickAsync();
            _checkpoints?.TakeIfDue();
            _watch.PublishIfDue();
            if (more.IsCompleted)
                more = entries.WaitToReadAsync().AsTask();
        }
    }

    /// <summary>How long until there is something to do without an event; null: there won't be.</summary>
    private TimeSpan? PauseLeft()
    {
        var pause = _checkpoints?.DueIn;
        if (_watch.DueIn is { } look && (pause is null || look < pause))
            pause = look;
        if (Notifier.NextDue is not { } due)
            return pause;
        var left = TimeSpan.FromMilliseconds(
            Math.Clamp(Math.Ceiling((due - _clock.GetUtcNow()).TotalMilliseconds), 0, LongestPauseMs));
        return pause is null || left < pause ? left : pause;
    }

    private async ValueTask TakeAsync(Entry entry)
    {
        _watch.Begin();
        if (entry.Rules is { } rules)
            await RuleSwitch.ToAsync(rules, entry, _playback, _entrance, _state.Store is not null, _clock, _log);
        _playback.Apply(entry);
        _watch.End();
        if (entry.Kind == RecordKind.Decision)
            Notifier.Apply(Decision.Decode(entry.Body.Span), _clock.GetUtcNow());
        _entrance.Taken();
        if (entry.Batch is { } batch)
        {
            Interlocked.Add(ref _events, batch.Count + batch.Rejected.Count);
            _rejected += batch.Rejected.Count;
        }

        if (_playback.Ahead.Count > 0)
            await PutAsideAsync();
        if (_playback.Released.Count > 0)
            await SendAsync(entry.Sequence);
        _checkpoints?.TakeIfDue();
        _watch.PublishIfDue();
    }

    private async ValueTask PutAsideAsync()
    {
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (_state.Store is not null)
            await _entrance.KeepAsync([.. _playback.Ahead.Select(a => new KeepDeadLetter(Recovery.LetterOf(a, now)))]);
        else
            foreach (var ahead in _playback.Ahead)
                _deadLetters.Add(ahead);
        _playback.Ahead.Clear();
    }

    private async ValueTask SendAsync(long sequence)
    {
        Operation.Recent.Add(_playback.Released);
        Interlocked.Add(ref _alerts, _playback.Released.Count(a => !a.Shadow));
        if (_outbox is not null)
            await _outbox.TakeAsync(_playback.Released, sequence);
        else
            await SendAsync(Outgoing.Of(_playback.Released, Notifier, _clock.GetUtcNow()));
        _playback.Released.Clear();
    }

    /// <summary>Sends what has become due: groups, repeats, escalations.</summary>
    private async ValueTask TickAsync()
    {
        if (_outbox is not null)
        {
            await _outbox.TickAsync();
            return;
        }

        var notifications = new List<Notification>();
        Notifier.Tick(_clock.GetUtcNow(), notifications);
        await SendAsync(Outgoing.Of(notifications));
    }

    /// <summary>Where nothing is kept, what waits in groups goes out at the end: there is no later.</summary>
    private async ValueTask SendWaitingAsync()
    {
        if (_outbox is not null)
            return;
        var notifications = new List<Notification>();
        Notifier.Drain(_clock.GetUtcNow(), notifications);
        await SendAsync(Outgoing.Of(notifications));
    }

    private async ValueTask SendAsync(IEnumerable<Outgoing> outgoing)
    {
        foreach (var (alert, sinks, _) in outgoing)
            foreach (var sink in sinks)
                await _queues[sink].AddAsync(alert);
    }
}
