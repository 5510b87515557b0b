using Cep.Events;

namespace Cep.Detection.Routing;

/// <summary>
/// Events of several streams in one order: for each entry the input and the row of that input's batch.
/// </summary>
/// <param name="Batches">For each input its events, in order; empty where there are none.</param>
/// <param name="Inputs">The input of each entry.</param>
/// <param name="Rows">The row of each entry.</param>
internal sealed record MergedEvents(EventBatch[] Batches, byte[] Inputs, int[] Rows)
{
    public int Count => Inputs.Length;
}
