using Cep.Host.Deployments;
using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>
/// Takes checkpoints now and then, on the thread that drives the engine: the state is copied into memory, which is all
/// that the events wait for, and written while they go on.
/// </summary>
internal sealed class Checkpoints
{
    private readonly Playback _playback;
    private readonly Entrance _entrance;
    private readonly StateSettings _settings;
    private readonly TimeProvider _clock;
    private readonly Action<string> _log;
    private readonly Checkpoint _checkpoint = new();
    private readonly List<(string Name, Action<System.Buffers.IBufferWriter<byte>> Save)> _sections = [];
    private Task _writing = Task.CompletedTask;
    private long _next;
    private long _taken;
    private long _takenSequence;
    private long _kept;
    private long _keptMs;
    private long _pauseTicks;

    /// <param name="playback">The engine.</param>
    /// <param name="entrance">Keeps them.</param>
    /// <param name="last">The newest one that there is, or null.</param>
    /// <param name="settings">How often, and what is let go of then.</param>
    /// <param name="clock">Says when the next one is due.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    public Checkpoints(
        Playback playback, Entrance entrance, CheckpointInfo? last, StateSettings settings, TimeProvider clock,
        Action<string> log)
    {
        _playback = playback;
        _entrance = entrance;
        _next = last is null ? 1 : last.Id + 1;
        _settings = settings;
        _clock = clock;
        _log = log;
        _taken = clock.GetTimestamp();
        Add(Playback.EngineSection, to => playback.Engine.Save(to));
        _checkpoint.Add(Playback.EngineSection).Reserve(
            last?.Sections.FirstOrDefault(s => s.Name == Playback.EngineSection)?.Length ?? 0);
        Add(Playback.IdleSection, playback.SaveIdle);
        var retention = new Retention(settings.RetainAge, settings.RetainBytes, clock);
        entrance.CheckpointKept = retention.Steps;
    }

    /// <summary>How long the events waited for the last one. Any thread.</summary>
    public TimeSpan LastPause => new(Interlocked.Read(ref _pauseTicks));

    /// <summary>How many count, of this run. Any thread.</summary>
    public long Kept => Interlocked.Read(ref _kept);

    /// <summary>When the newest that counts was taken, ms since the epoch; 0: none in this run. Any thread.</summary>
    public long KeptMs => Interlocked.Read(ref _keptMs);

    /// <summary>When the next one is due; null where nothing has changed since the last.</summary>
    public TimeSpan? DueIn
    {
        get
        {
            if (_playback.Sequence == _takenSequence)
                return null;
            var left = _settings.Checkpoint - _clock.GetElapsedTime(_taken);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Registers a state of somebody else's that belongs to the same instant. It is saved on the engine's thread,
    /// between two entries; recovery reads it with <see cref="IStoreReader.Section"/>.
    /// </summary>
    /// <param name="name">The section's name, the same in every run.</param>
    /// <param name="save">Writes it.</param>
    public void Add(string name, Action<System.Buffers.IBufferWriter<byte>> save) => _sections.Add((name, save));

    public void TakeIfDue()
    {
        if (_writing.IsCompleted && DueIn == TimeSpan.Zero)
            _writing = TakeAsync();
    }

    /// <summary>Takes one of how things are now, and waits until it counts.</summary>
    public async Task TakeLastAsync()
    {
        await _writing;
        if (_playback.Sequence != _takenSequence)
            await TakeAsync();
    }

    private Task TakeAsync()
    {
        var began = _clock.GetTimestamp();
        var nowMs = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        _checkpoint.Begin(_next++, _playback.Sequence, _playback.Rules.Name, nowMs);
        foreach (var (name, save) in _sections)
            save(_checkpoint.Add(name));
        _taken = _clock.GetTimestamp();
        _takenSequence = _playback.Sequence;
        var pause = _clock.GetElapsedTime(began, _taken);
        Interlocked.Exchange(ref _pauseTicks, pause.Ticks);
        if (pause > TimeSpan.FromSeconds(1))
            _log($"state: a checkpoint held the events up for {pause.TotalSeconds:0.0} s");
        return KeepAsync(nowMs);
    }

    private async Task KeepAsync(long nowMs)
    {
        await _entrance.KeepAsync(_checkpoint);
        Interlocked.Exchange(ref _keptMs, nowMs);
        Interlocked.Increment(ref _kept);
    }
}
