using System.Runtime.CompilerServices;
using Cep.Events;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// What an aggregate keeps for a key (or for a window of a key), in bytes of the structures it is made of.
/// </summary>
/// <param name="Fixed">Whatever it ranges over.</param>
/// <param name="PerEvent">For each event in range.</param>
/// <param name="PerValue">For each different value in range.</param>
internal readonly record struct AggregateCost(int Fixed, int PerEvent, int PerValue)
{
    private const int TimeBytes = sizeof(long);
    private const int EmptyListBytes = 56;
    private const int EmptyDictionaryBytes = 96;
    private const int DictionaryEntryBytes = 28;

    public static AggregateCost OfMoving(AggregateExpr e)
    {
        var value = ValueBytes(e);
        var ring = RingStore<long>.HeaderBytes;
        var cost = Fold(e, value) + new AggregateCost(ring, TimeBytes + value, 0);
        if (e.Range.Kind == RangeKind.Rows)
            cost += new AggregateCost(ring, TimeBytes, 0);
        if (e.Kind is AggregateKind.Min or AggregateKind.Max)
            cost += new AggregateCost(ring - Unsafe.SizeOf<double>() - 1, TimeBytes + value, 0);
        return e is { Kind: AggregateKind.Count, Range.Kind: RangeKind.Time } ? cost with { Fixed = ring } : cost;
    }

    /// <summary>Of <c>prev(x, back)</c> or <c>changed(x)</c>.</summary>
    public static AggregateCost OfPrevious(Expr operand, int back)
    {
        var boxed = operand.Type is DataType.String or DataType.Any or DataType.List ? 0 : 24;
        return new AggregateCost(RingStore<object>.HeaderBytes + (back + 1) * (TimeBytes + nint.Size + boxed), 0, 0);
    }

    public static AggregateCost OfWindow(AggregateExpr e)
    {
        var value = ValueBytes(e);
        var keepsValues = e.Kind is AggregateKind.First or AggregateKind.Last or AggregateKind.Collect
            or AggregateKind.Delta or AggregateKind.Rate or AggregateKind.Slope or AggregateKind.Ewma;
        return Fold(e, value)
            + (keepsValues ? new AggregateCost(RingStore<long>.HeaderBytes, TimeBytes + value, 0) : default);
    }

    public static AggregateCost operator +(AggregateCost a, AggregateCost b) =>
        new(a.Fixed + b.Fixed, a.PerEvent + b.PerEvent, a.PerValue + b.PerValue);

    private static int ValueBytes(AggregateExpr e) => e.Kind == AggregateKind.Count ? 0 : sizeof(long);

    private static AggregateCost Fold(AggregateExpr e, int value) => e.Kind switch
    {
        AggregateKind.Count => new(sizeof(int), 0, 0),
        AggregateKind.Sum when e.Type != DataType.Number => new(Unsafe.SizeOf<Int128>() + sizeof(int), 0, 0),
        AggregateKind.Sum or AggregateKind.Avg => new(ExactSums.GroupBytes + sizeof(int), 0, 0),
        AggregateKind.StdDev or AggregateKind.Variance => new(VarianceFold.GroupBytes, 0, 0),
        AggregateKind.ZScore =>
            new(ExactSums.GroupBytes + sizeof(int) + VarianceFold.GroupBytes + RingStore<double>.HeaderBytes,
                TimeBytes + value, 0),
        AggregateKind.Min or AggregateKind.Max => new(value + 1, 0, 0),
        AggregateKind.Distinct or AggregateKind.TopK => new(nint.Size + EmptyDictionaryBytes, 0, DictionaryEntryBytes),
        AggregateKind.Median or AggregateKind.Quantile => new(nint.Size + EmptyListBytes, sizeof(double), 0),
        _ => default,
    };
}
