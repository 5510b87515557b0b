using System.Numerics;
using Cep.Expressions.Aggregation;
using Xunit;

namespace Cep.Tests.Aggregation;

public sealed class VarianceFoldTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [InlineData(0.1)]
    [InlineData(-1234567.891)]
    [InlineData(1e-9)]
    [InlineData(1e120)]
    [InlineData(293.15)]
    public void TryGet_EqualValues_IsExactlyZero(double value)
    {
        var fold = Fold(root: true);

        for (var i = 0; i < 1000; i++)
            fold.Add(0, value);

        Assert.True(fold.TryGet(0, out var deviation));
        Assert.Equal(0, deviation);
    }

    [Fact]
    public void TryGet_OneValue_HasNoResult()
    {
        var fold = Fold(root: false);
        fold.Add(0, 5);

        Assert.False(fold.TryGet(0, out _));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void TryGet_ValuesComeAndGo_IsTheExactVarianceOfThoseThere(int seed)
    {
        var random = new Random(seed);
        var offset = random.Next(4) * Math.Pow(10, random.Next(9));
        var fold = Fold(root: false);
        var there = new Queue<double>();

        for (var i = 0; i < 200; i++)
        {
            var value = offset + Math.Round(random.NextDouble() * 10, random.Next(5));
            there.Enqueue(value);
            fold.Add(0, value);
            if (there.Count > 20)
                fold.Remove(0, there.Dequeue());
            if (there.Count < 2)
                continue;
            Assert.True(fold.TryGet(0, out var variance));
            var exact = Variance(there);
            Assert.True(Math.Abs(variance - exact) <= exact * 1e-11, $"{variance}, exactly {exact}");
        }
    }

    [Fact]
    public void TryGet_OutlierHasLeft_LeavesNothingBehind()
    {
        var fold = Fold(root: false);
        fold.Add(0, 1e15);
        fold.Add(0, 0.1);
        fold.Add(0, 0.3);

        fold.Remove(0, 1e15);

        Assert.True(fold.TryGet(0, out var variance));
        Assert.Equal(Variance([0.1, 0.3]), variance, 1e-15);
    }

    private static VarianceFold Fold(bool root)
    {
        var fold = new VarianceFold(root);
        fold.EnsureCapacity(1);
        return fold;
    }

    /// <summary>(n Σx² − (Σx)²) / (n (n − 1)) in whole numbers, rounded once at the end.</summary>
    private static double Variance(IReadOnlyCollection<double> values)
    {
        var units = values.Select(Doubles.Units).ToList();
        BigInteger n = units.Count;
        var sum = units.Aggregate(BigInteger.Zero, (a, b) => a + b);
        var squares = units.Aggregate(BigInteger.Zero, (a, b) => a + b * b);

        // the difference is in units of 2^-2148
        return Doubles.Nearest(((n * squares - sum * sum) / (n * (n - 1))) >> 1074);
    }
}
