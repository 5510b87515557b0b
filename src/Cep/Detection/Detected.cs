using Cep.Plans;
using Cep.Events;
using Cep.Expressions.Evaluation;

namespace Cep.Detection;

/// <summary>
/// What a detector has found, as its sink sees it: one object that each report re-uses, so a sink must not keep it.
/// Values are asked for through the rule's expressions and the frame, and cost nothing where nobody asks.
/// </summary>
internal sealed class Detected
{
    /// <summary>The event time of the detection, ms.</summary>
    public long AtMs;

    public AlertStatus Status;

    /// <summary>Where the rule's expressions are evaluated: row, group, window bounds and time are set.</summary>
    public Frame Frame = new();

    /// <summary>The key's slot in <see cref="Keys"/>; -1 where the key must be read from the event.</summary>
    public int Slot = -1;

    public KeyTable? Keys;

    /// <summary>What is said where it is not what the rule says of its matches.</summary>
    public AlertEvals? Texts;

    public bool HasWindow;

    public int Revision;

    /// <summary>
    /// Breaks ties of time when alerts are put in order: the position of the event that completed it, or the largest
    /// number for what a timer found.
    /// </summary>
    public long Order;

    /// <summary>The events it rests on: rows of batches, with the step that took them.</summary>
    public readonly List<(string? Step, EventBatch Batch, int Row)> Evidence = [];

    /// <summary>The evidence lies in a store whose rows are used again: who keeps it copies it.</summary>
    public bool IsTransient;

    /// <summary>Puts copies in the place of evidence that is transient.</summary>
    public void KeepEvidence()
    {
        if (!IsTransient)
            return;
        IsTransient = false;
        foreach (var batch in Evidence.Select(e => e.Batch).Distinct().ToArray())
        {
            int[] rows = [.. Evidence.Where(e => e.Batch == batch).Select(e => e.Row)];
            var copies = batch.Copy(rows);
            var next = 0;
            for (var i = 0; i < Evidence.Count; i++)
                if (Evidence[i].Batch == batch)
                    Evidence[i] = (Evidence[i].Step, copies, next++);
        }
    }
}

/// <summary>Takes what the detectors of a partition find.</summary>
internal abstract class DetectionSink
{
    public abstract void Accept(HostedRule rule, Detected detected);
}
