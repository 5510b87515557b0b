using Cep.Detection;

namespace Cep.Reactive;

/// <summary>An event that a match took, and the step that took it.</summary>
/// <param name="Step">The step's name.</param>
/// <param name="Event">The event.</param>
public readonly record struct PatternEvent<T>(string Step, T Event);

/// <summary>A match of a pattern, or a partial match that ran out of time.</summary>
/// <typeparam name="T">The type of the events.</typeparam>
public sealed class PatternMatch<T>
{
    internal PatternMatch(IReadOnlyList<PatternEvent<T>> events, DateTimeOffset at, bool timedOut) =>
        (Events, At, TimedOut) = (events, at, timedOut);

    /// <summary>The events taken, in the order of time.</summary>
    public IReadOnlyList<PatternEvent<T>> Events { get; }

    /// <summary>
    /// When, in the time of the events: that of the event which completed it, or the deadline where time decided.
    /// </summary>
    public DateTimeOffset At { get; }

    /// <summary>True for a partial match that ran out of time.</summary>
    public bool TimedOut { get; }

    /// <summary>The events that a step took, in the order of time; none where the match left it out.</summary>
    public IReadOnlyList<T> this[string step] => [.. Events.Where(e => e.Step == step).Select(e => e.Event)];
}

/// <summary>Gives the events of a match.</summary>
internal sealed class MatchReader<T>(int eventField) : DetectionReader<PatternMatch<T>>
{
    public override PatternMatch<T> Read(HostedRule rule, Detected detected)
    {
        var events = new PatternEvent<T>[detected.Evidence.Count];
        for (var i = 0; i < events.Length; i++)
        {
            var (step, batch, row) = detected.Evidence[i];
            events[i] = new PatternEvent<T>(step!, (T)batch.Columns[eventField].Objects[row]!);
        }

        return new PatternMatch<T>(events, EventTime.Of(detected.AtMs), detected.Texts is not null);
    }
}
