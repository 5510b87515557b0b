using Cep.Host.Keeping;
using Cep.Time;

namespace Cep.Host.Operating;

/// <summary>
/// Lets other threads see how the engine stands: the thread that drives it publishes that once a second while there is
/// something new, and marks when it is at work.
/// </summary>
internal sealed class EngineWatch
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private readonly Func<Playback> _playback;
    private readonly TimeProvider _clock;
    private volatile EngineView _view;
    private long _published;
    private long _busySince;

    public EngineWatch(Func<Playback> playback, TimeProvider clock)
    {
        _playback = playback;
        _clock = clock;
        _view = Look();
        _published = clock.GetTimestamp();
    }

    /// <summary>What was published last. Any thread.</summary>
    public EngineView View => _view;

    /// <summary>How long the engine has been at work on the same thing; zero: it is not. Any thread.</summary>
    public TimeSpan BusyFor
    {
        get
        {
            var since = Interlocked.Read(ref _busySince);
            return since == 0 ? TimeSpan.Zero : _clock.GetElapsedTime(since);
        }
    }

    /// <summary>When there is something to publish; null where nothing is new.</summary>
    public TimeSpan? DueIn
    {
        get
        {
            if (_playback().Sequence == _view.Sequence)
                return null;
            var left = s_pause - _clock.GetElapsedTime(_published);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    public void PublishIfDue()
    {
        if (DueIn != TimeSpan.Zero)
            return;
        _view = Look();
        _published = _clock.GetTimestamp();
    }

    /// <summary>The engine is told something.</summary>
    public void Begin() => Interlocked.Exchange(ref _busySince, Math.Max(1, _clock.GetTimestamp()));

    /// <summary>It has done what it was told.</summary>
    public void End() => Interlocked.Exchange(ref _busySince, 0);

    private EngineView Look()
    {
        var playback = _playback();
        var watermarks = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var name in playback.Engine.Plan.Streams.Select(s => s.Schema.Name))
            if (playback.Engine.WatermarkMs(name) is > StreamClock.Beginning and < StreamClock.EndOfTime and var ms)
                watermarks[name] = ms;
        return new EngineView(playback.Engine.Ledger, watermarks, playback.Engine.KeyCount, playback.Sequence);
    }
}
