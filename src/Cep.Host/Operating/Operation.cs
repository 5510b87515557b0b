using Cep.Host.Keeping;
using Cep.Host.Notifying;
using Cep.Host.Running;

namespace Cep.Host.Operating;

/// <summary>What can be known of a deployment while it runs. Any thread; those that work do not wait for it.</summary>
internal sealed class Operation(TimeProvider clock)
{
    // one entry is at most some megabytes of events: who takes longer does not come back
    private static readonly TimeSpan s_stuck = TimeSpan.FromMinutes(2);
    private volatile RunPhase _phase;

    public TimeProvider Clock => clock;

    public DateTimeOffset Started { get; } = clock.GetUtcNow();

    public RunPhase Phase
    {
        get => _phase;
        set => _phase = value;
    }

    public RecentAlerts Recent { get; } = new();

    public required EngineWatch Watch { get; init; }

    public required Entrance Entrance { get; init; }

    /// <summary>Null where nothing is kept.</summary>
    public required Checkpoints? Checkpoints { get; init; }

    public required Notifier Notifier { get; init; }

    public required IReadOnlyList<SourceCounts> Sources { get; init; }

    public required IReadOnlyList<SinkQueue> Sinks { get; init; }

    /// <summary>Why it should be started anew; null: it lives. Receivers that are away are no reason.</summary>
    public string? Ill()
    {
        if (Entrance.Failure is not null)
            return "nothing can be kept any more: the log says why";
        return Watch.BusyFor > s_stuck ? "the engine has been at the same events for minutes" : null;
    }

    /// <summary>Why it does not take events now; null: it does.</summary>
    public string? Unready()
    {
        if (Ill() is { } reason)
            return reason;
        if (Phase != RunPhase.Running)
            return Phase == RunPhase.Starting ? "starting" : "stopping";
        return Sources.FirstOrDefault(s => s.State == SourceState.Failed) is null
            ? null
            : "a source has failed: the log says which";
    }
}
