using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;
using Cep.State;

namespace Cep.Detection;

/// <summary>
/// What finds a rule's detections among the events of many keys. The host owns keys, order, filters and the clock; a
/// detector owns its state by slot and its timers, which it keeps as data. One thread.
/// </summary>
internal abstract class Detector(HostedRule rule)
{
    public HostedRule Rule { get; } = rule;

    /// <summary>
    /// Adds to <paramref name="wanted"/> those of the rows that can matter to the detector, so that for the others not
    /// even
    /// the key is looked for.
    /// </summary>
    /// <returns>False where it must see all rows.</returns>
    public virtual bool TryNarrow(EventBatch batch, Frame frame, ulong[] rows, ulong[] wanted) => false;

    /// <summary>Takes events in order. Timers due before an event's time must fire before it is looked at.</summary>
    /// <returns>For late events how many of them were taken; else the number is not used.</returns>
    public abstract int OnEvents(Selection events, DetectionSink sink);

    /// <summary>
    /// The rule's clock has reached this time (ms): windows with an end up to it close, timers due before it fire.
    /// </summary>
    public abstract void OnClock(long clockMs, DetectionSink sink);

    /// <summary>The smallest clock (ms) at which <see cref="OnClock"/> has something to do, if any.</summary>
    public abstract long NextDueMs { get; }

    /// <summary>True while the slot has state that can still matter at or after the clock.</summary>
    public abstract bool Holds(int slot, long clockMs);

    /// <summary>The slot's key is let go: nothing must remain of it.</summary>
    public abstract void Release(int slot);

    public abstract void Save(StateWriter writer);

    /// <summary>
    /// Reads what <see cref="Save"/> wrote; a slot without a new number belongs to another partition and is passed
    /// over.
    /// </summary>
    public abstract void Load(StateReader reader, IReadOnlyDictionary<int, int> slots);

    /// <summary>
    /// Called after <see cref="Load"/> where the state is that of another plan: moves what is due to where this plan
    /// wants it, but not behind the clock.
    /// </summary>
    public virtual void Retime(DetectorPlan was, long clockMs)
    {
    }
}
