using Cep.Events;
using Cep.Expressions.Evaluation;

namespace Cep.Detection;

/// <summary>
/// The events that detectors of one filter and key get, in the order in which they count: for each of
/// <see cref="Count"/> entries an input, a row of that input's batch and the key's slot. The arrays are re-used.
/// </summary>
internal sealed class Selection
{
    /// <summary>The batch of each input.</summary>
    public EventBatch[] Batches = [];

    public Frame Frame = new();

    /// <summary>The computed columns of each input's batch.</summary>
    public Column[][] Computed = [];

    public int[] Rows = new int[64];

    public int[] Slots = new int[64];

    /// <summary>The input of each entry; null where there is only one.</summary>
    public byte[]? Inputs;

    public int Count;

    /// <summary>Where there is one input, its rows as a bit set.</summary>
    public ulong[] Mask = [];

    /// <summary>Where there are several inputs, the rows of each as a bit set.</summary>
    public ulong[][] Masks = [];

    /// <summary>The events are below their stream's watermark: only windows that are not over yet take them.</summary>
    public bool Late;

    /// <summary>The rule's clock before these events, ms.</summary>
    public long ClockMs;

    public void EnsureCapacity(int count)
    {
        if (count <= Rows.Length)
            return;
        Rows = new int[Math.Max(count, Rows.Length * 2)];
        Slots = new int[Rows.Length];
    }
}
