using Cep.Expressions.Aggregation;
using Xunit;

namespace Cep.Tests.Aggregation;

/// <summary>Folds over values that come and go, beside the obvious way to work them out.</summary>
public sealed class MovingFoldTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Extremes_OfAnyValues_AreTheLeastAndTheGreatest(int seed)
    {
        var order = Comparer<double>.Default;
        var least = new MovingExtremeFold<double>(order, -1, StateCodecs.Double);
        var greatest = new MovingExtremeFold<double>(order, 1, StateCodecs.Double);

        Slide(seed, least, there => there.Min());
        Slide(seed, greatest, there => there.Max());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Quantile_OfAnyValues_IsInterpolatedBetweenRanks(int seed)
    {
        var p = new Random(seed).Next(101) / 100.0;

        Slide(seed, new QuantileFold(p), there => Quantile(there, p));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Distinct_OfAnyValues_CountsThemOnce(int seed) => Slide(
        seed, new DistinctFold<double>(EqualityComparer<double>.Default, StateCodecs.Double),
        there => (long)there.Distinct().Count());

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Sum_OfAnyValues_EqualsTheDecimalSum(int seed) => Slide(
        seed, new NumberSumFold(counts: true), there => (double)there.Sum(v => (decimal)v));

    /// <summary>Moves a range of changing length over random values of two groups, one of which always stays.</summary>
    private static void Slide<T>(int seed, Fold<double, T> fold, Func<List<double>, T> expected)
    {
        var random = new Random(seed);
        var there = new List<double>();
        fold.EnsureCapacity(2);
        fold.Add(1, 0.5);
        for (var i = 0; i < 300; i++)
        {
            // quarters, so that decimals and doubles hold the same
            var value = random.Next(-20, 20) / 4.0;
            fold.Add(0, value);
            there.Add(value);
            for (var n = random.Next(3); n > 0 && there.Count > 0; n--)
            {
                fold.Remove(0, there[0]);
                there.RemoveAt(0);
            }

            if (there.Count == 0)
                continue;
            Assert.True(fold.TryGet(0, out var found));
            Assert.Equal(expected(there), found);
        }

        fold.Reset(0);
        Assert.True(fold.TryGet(1, out _));
    }

    private static double Quantile(List<double> values, double p)
    {
        var sorted = values.Order().ToList();
        var rank = p * (sorted.Count - 1);
        var below = sorted[(int)Math.Floor(rank)];
        var above = sorted[(int)Math.Ceiling(rank)];
        return below + (rank - Math.Floor(rank)) * (above - below);
    }
}
