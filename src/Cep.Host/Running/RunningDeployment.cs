using System.Runtime.ExceptionServices;
using Cep.Connectors;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Storage;

namespace Cep.Host.Running;

/// <summary>
/// Sources → entrance (order, journal) → engine → outbox → queues of sinks. One task drives the engine; whatever waits
/// (a full queue, a slow receiver) is felt by the sources.
/// </summary>
public sealed class RunningDeployment : IDisposable
{
    private readonly KeptState _state;
    private readonly Playback _playback;
    private readonly Entrance _entrance;
    private readonly Outbox? _outbox;
    private readonly Checkpoints? _checkpoints;
    private readonly IReadOnlyList<ISource> _sources;
    private readonly Dictionary<string, SinkQueue> _queues;
    private readonly AlertRoutes _routes;
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
        _clock = clock;
        _log = log;
        _routes = new AlertRoutes(deployment);
        _deadLetters = new DeadLetterFile(deployment.DeadLetters);
        _entrance = new Entrance(
            state.Store, _playback.Rules.Plan, state.Start, state.Store is null ? _deadLetters : null, clock);
        if (state.Store is not null)
        {
            _outbox = new Outbox(_entrance, _routes, clock, log);
            _checkpoints = new Checkpoints(_playback, _entrance, state.Checkpoint, deployment.State!, clock, log);
        }

        IDeliveryLog deliveries = _outbox is null ? _deadLetters : _outbox;
        _queues = sinks.ToDictionary(s => s.Name, s => new SinkQueue(s, deliveries, log), StringComparer.Ordinal);
    }

    /// <summary>How long alerts may take to be delivered after the end.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Events received and alerts raised so far.</summary>
    public (long Events, long Alerts) Progress => (Interlocked.Read(ref _events), Interlocked.Read(ref _alerts));

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

        // where nothing can be kept any more there is no point in going on
        await Task.WhenAny(WaitAsync(ended.Token), entrance, _driving, _outbox is null ? _driving : sending);
        await ended.CancelAsync();
        await sources;
        _entrance.CompleteArrivals();
        await _driving;
        if (_checkpoints is not null)
            await _checkpoints.TakeLastAsync();
        _outbox?.Complete();
        await Task.WhenAny(sending, Task.Delay(DrainLimit, _clock, CancellationToken.None));
        await Task.WhenAll(_queues.Values.Select(q => q.DrainAsync(DrainLimit, _clock)));
        await sending;
        _entrance.Complete();
        await entrance;
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
        try
        {
            await source.RunAsync(_entrance.IntakeOf(source), stop);
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
            _log($"source {source.Name}: {e.Message}");
        }
    }

    private async Task DriveAsync()
    {
        var entries = _entrance.Entries;
        var more = entries.WaitToReadAsync().AsTask();
        Task? due = null;
        while (true)
        {
            if (!more.IsCompleted && _checkpoints?.DueIn is { } pause)
                await Task.WhenAny(more, due ??= Task.Delay(pause, _clock));
            else
                await more;
            if (due is { IsCompleted: true })
                due = null;
            if (more.IsCompleted && !await more)
                return;
            while (entries.TryRead(out var entry))
                await TakeAsync(entry);
            _checkpoints?.TakeIfDue();
            if (more.IsCompleted)
                more = entries.WaitToReadAsync().AsTask();
        }
    }

    private async ValueTask TakeAsync(Entry entry)
    {
        _playback.Apply(entry);
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
        Interlocked.Add(ref _alerts, _playback.Released.Count(a => !a.Shadow));
        if (_outbox is not null)
            await _outbox.TakeAsync(_playback.Released, sequence);
        else
            foreach (var alert in _playback.Released)
                foreach (var sink in _routes.SinksOf(alert))
                    await _queues[sink].AddAsync(alert);
        _playback.Released.Clear();
    }
}
