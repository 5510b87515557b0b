using System.Numerics;
using Cep.Expressions.Aggregation;
using Xunit;

namespace Cep.Tests.Aggregation;

public sealed class ExactSumTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Add_AnyDoubles_EqualsTheExactSum(int seed)
    {
        var values = Doubles.Any(new Random(seed), 60);
        var sum = default(ExactSum);
        var exact = BigInteger.Zero;

        foreach (var value in values)
        {
            sum.Add(value);
            exact += Doubles.Units(value);
            Assert.Equal(exact, sum.Exact());
            Assert.Equal(Doubles.Nearest(exact), sum.Value);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Add_OtherOrder_GivesTheSame(int seed)
    {
        var random = new Random(seed);
        var values = Doubles.Any(random, 60);
        var (forth, mixed) = (default(ExactSum), default(ExactSum));

        foreach (var value in values)
            forth.Add(value);
        random.Shuffle(values);
        foreach (var value in values)
            mixed.Add(value);

        Assert.Equal(forth.Value, mixed.Value);
        Assert.Equal(forth.Exact(), mixed.Exact());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Subtract_AllThatWasAdded_LeavesNothing(int seed)
    {
        var random = new Random(seed);
        var values = Doubles.Any(random, 60);
        var sum = default(ExactSum);

        foreach (var value in values)
            sum.Add(value);
        random.Shuffle(values);
        foreach (var value in values)
            sum.Subtract(value);

        Assert.True(sum.IsExactlyZero);
        Assert.Equal(0, sum.Value);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void From_WhatWasRead_IsTheSameSum(int seed)
    {
        var values = Doubles.Any(new Random(seed), 30);
        var sum = default(ExactSum);
        foreach (var value in values)
            sum.Add(value);

        var copy = ExactSum.From(sum.Fixed, sum.Rest);
        copy.Add(0.1);
        sum.Add(0.1);

        Assert.Equal(sum.Exact(), copy.Exact());
    }

    [Theory]
    [InlineData(new[] { 0.1, 0.2, -0.3 }, 2.7755575615628914e-17)]
    [InlineData(new[] { 1e16, 1.0, -1e16 }, 1.0)]
    [InlineData(new[] { 1e300, 1.0, -1e300 }, 1.0)]
    [InlineData(new[] { double.Epsilon, 1.0, -1.0 }, double.Epsilon)]
    [InlineData(new[] { double.MaxValue, double.MaxValue, -double.MaxValue }, double.MaxValue)]
    [InlineData(new[] { 4e18, 4e18, 4e18, 0.5, -4e18 }, 8e18)]
    [InlineData(new double[0], 0.0)]
    public void Value_WhereDoublesWouldCancel_IsExact(double[] values, double expected)
    {
        var sum = default(ExactSum);
        foreach (var value in values)
            sum.Add(value);

        Assert.Equal(expected, sum.Value);
    }
}
