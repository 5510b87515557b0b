using Cep.Benchmarks.Data;
using Cep.Events;

namespace Cep.Benchmarks.Ours;

internal static class Batches
{
    /// <summary>The events as columns; all batches share their string pools, as those of one source do.</summary>
    public static List<EventBatch> Build(StreamSchema schema, Purchase[] events, int size)
    {
        var builder = new EventBatchBuilder(schema, size + 1);
        var batches = new List<EventBatch>(events.Length / size + 1);
        foreach (var e in events)
        {
            var (row, columns) = (builder.Count, builder.Columns);
            columns[0].Longs[row] = e.Ts;
            columns[1].SetValue(row, e.Card);
            columns[2].Doubles[row] = e.Amount;
            columns[3].SetValue(row, e.Merchant);
            columns[4].SetValue(row, e.Country);
            columns[5].SetValue(row, e.Kind);
            builder.Commit();
            if (builder.Count == size)
                batches.Add(builder.Build());
        }

        if (builder.Count > 0)
            batches.Add(builder.Build());
        return batches;
    }
}
