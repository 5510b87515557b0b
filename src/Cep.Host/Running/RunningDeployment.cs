using System.Threading.Channels;
using Cep.Alerts;
using Cep.Connectors;
using Cep.Events;
using Cep.Host.Deployments;
using Cep.Host.Notifying;
using Cep.Host.Web;

namespace Cep.Host.Running;

/// <summary>
/// Sources → bounded channel → engine → queues of sinks. One task drives the engine; whatever waits (a full queue, a
/// slow receiver) is felt by the sources.
/// </summary>
public sealed class RunningDeployment
{
    private const int ArrivalsWaiting = 256;
    private readonly Engine _engine;
    private readonly IReadOnlyList<ISource> _sources;
    private readonly SinkQueue[] _queues;
    private readonly DeadLetterFile _deadLetters;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly IdleStreams _idle;
    private readonly Channel<Arrival> _arrivals = Channel.CreateBounded<Arrival>(ArrivalsWaiting);
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);
    private readonly List<Alert> _released = [];
    private readonly List<Notification> _notifications = [];
    private long _events;
    private long _rejected;
    private long _alerts;

    /// <param name="engine">The engine; it belongs to the deployment from now on.</param>
    /// <param name="sources">Where events come from.</param>
    /// <param name="sinks">Where alerts go.</param>
    /// <param name="deployment">The routes between them, and the file of dead letters.</param>
    /// <param name="clock">Measures how long streams are silent.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    public RunningDeployment(
        Engine engine, IReadOnlyList<ISource> sources, IReadOnlyList<ISink> sinks, Deployment deployment,
        TimeProvider clock, Action<string> log)
    {
        _engine = engine;
        _sources = sources;
        _clock = clock;
        _log = log;
        _deadLetters = new DeadLetterFile(deployment.DeadLetters);
        _queues = [.. sinks.Select(s => new SinkQueue(s, _deadLetters, log))];
        Notifier = new Notifier(deployment, SinkStart.RulesThatResolve(engine.Plan));
        _idle = new IdleStreams(engine, clock);
    }

    /// <summary>How long alerts may take to be delivered after the end.</summary>
    public TimeSpan DrainLimit { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Decides which alerts go where and when.</summary>
    public Notifier Notifier { get; }

    /// <summary>Where HTTP is listened on, until all is drained; null: nowhere.</summary>
    public WebHost? Web { get; init; }

    /// <summary>Events received and alerts raised so far.</summary>
    public (long Events, long Alerts) Progress => (Interlocked.Read(ref _events), Interlocked.Read(ref _alerts));

    /// <summary>
    /// Runs until it is stopped; then the sources stop, what they have accepted goes through the engine, and what the
    /// engine has raised is delivered. The clock of the events stays where it is: the end of a run is not the end of
    /// time.
    /// </summary>
    public async Task<DeploymentSummary> RunAsync(CancellationToken stop)
    {
        using (_engine.Ahead.Subscribe(new PutAside(_deadLetters)))
        using (_engine.Alerts.Subscribe(new Released(_released)))
        {
            var sources = Task.WhenAll(_sources.Select(s => RunSourceAsync(s, stop)));
            var driving = DriveAsync();
            await WaitAsync(stop);
            await sources;
            _arrivals.Writer.Complete();
            await driving;
        }

        Notifier.Drain(_clock.GetUtcNow(), _notifications);
        await SendAsync();
        await Task.WhenAll(_queues.Select(q => q.DrainAsync(DrainLimit, _clock)));
        await (Web?.DisposeAsync() ?? default);
        _deadLetters.Dispose();
        var delivered = _queues.ToDictionary(q => q.Name, q => q.Delivered);
        var summary = new DeploymentSummary(
            _events, _rejected, _alerts, delivered, _deadLetters.Alerts, _engine.Ledger);
        _engine.Dispose();
        return summary;
    }

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
            // what a source has read is still accepted while it stops
            var intake = new Intake(
                (arrival, _) => _arrivals.Writer.WriteAsync(arrival, CancellationToken.None), _ => null);
            await source.RunAsync(intake, stop);
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log($"source {source.Name}: {e.Message}");
        }
    }

    private async Task DriveAsync()
    {
        var more = _arrivals.Reader.WaitToReadAsync().AsTask();
        while (true)
        {
            var pause = Shorter(_idle.Check(), Notifier.NextDue - _clock.GetUtcNow());
            await DispatchAsync();
            if (!more.IsCompleted && await Task.WhenAny(more, Task.Delay(pause, _clock)) != more)
                continue;
            if (!await more)
                return;
            while (_arrivals.Reader.TryRead(out var arrival))
            {
                Accept(arrival.Events);
                arrival.Kept?.Invoke();
                await DispatchAsync();
            }

            more = _arrivals.Reader.WaitToReadAsync().AsTask();
        }
    }

    /// <summary>The one place where events enter: from here on they have a position and count.</summary>
    private void Accept(EventBatch batch)
    {
        var stream = batch.Schema.Name;
        var position = _positions.GetValueOrDefault(stream);
        for (var row = 0; row < batch.Count; row++)
            batch.Positions[row] = position++;
        foreach (var rejected in batch.Rejected)
            _deadLetters.Add(rejected with { Position = position++ });
        _positions[stream] = position;
        Interlocked.Add(ref _events, batch.Count + batch.Rejected.Count);
        _rejected += batch.Rejected.Count;
        _idle.Seen(stream);
        _engine.Push(batch);
    }

    private async ValueTask DispatchAsync()
    {
        var now = _clock.GetUtcNow();
        foreach (var alert in _released)
        {
            if (alert.Shadow)
                continue;
            Interlocked.Increment(ref _alerts);
            Notifier.Add(alert, now, _notifications);
        }

        _released.Clear();
        Notifier.Tick(now, _notifications);
        await SendAsync();
    }

    private async ValueTask SendAsync()
    {
        foreach (var notification in _notifications)
            foreach (var queue in _queues)
                if (notification.To.Contains(queue.Name))
                    await queue.AddAsync(notification.Alert);
        _notifications.Clear();
    }

    // of a pause that may be infinite, and one that may be over
    private static TimeSpan Shorter(TimeSpan pause, TimeSpan? other)
    {
        if (other is not { } due)
            return pause;
        due = TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(due.TotalMilliseconds), 0, 86_400_000));
        return pause < TimeSpan.Zero || due < pause ? due : pause;
    }

    private sealed class Released(List<Alert> alerts) : IObserver<IReadOnlyList<Alert>>
    {
        public void OnNext(IReadOnlyList<Alert> batch) => alerts.AddRange(batch);

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }

    private sealed class PutAside(DeadLetterFile deadLetters) : IObserver<AheadEvent>
    {
        public void OnNext(AheadEvent ahead) => deadLetters.Add(ahead);

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
