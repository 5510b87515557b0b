using System.Buffers;
using System.Numerics;
using Cep.Expressions.Aggregation;
using Cep.State;
using Xunit;

namespace Cep.Tests.Aggregation;

public sealed class ExactSumsTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Add_AnyDoubles_EqualsTheExactSum(int seed)
    {
        var values = Doubles.Any(new Random(seed), 60);
        var sum = new ExactSums();
        var exact = BigInteger.Zero;

        foreach (var value in values)
        {
            sum.Add(0, value);
            exact += Doubles.Units(value);
            Assert.Equal(exact, sum.Exact(0));
            Assert.Equal(Doubles.Nearest(exact), sum.Value(0));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Add_OtherOrder_GivesTheSame(int seed)
    {
        var random = new Random(seed);
        var values = Doubles.Any(random, 60);
        var (forth, mixed) = (new ExactSums(), new ExactSums());

        foreach (var value in values)
            forth.Add(0, value);
        random.Shuffle(values);
        foreach (var value in values)
            mixed.Add(0, value);

        Assert.Equal(forth.Value(0), mixed.Value(0));
        Assert.Equal(forth.Exact(0), mixed.Exact(0));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Subtract_AllThatWasAdded_LeavesNothing(int seed)
    {
        var random = new Random(seed);
        var values = Doubles.Any(random, 60);
        var sum = new ExactSums();

        foreach (var value in values)
            sum.Add(0, value);
        random.Shuffle(values);
        foreach (var value in values)
            sum.Subtract(0, value);

        Assert.Equal(BigInteger.Zero, sum.Exact(0));
        Assert.Equal(0, sum.Value(0));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Load_WhatWasSaved_IsTheSameSum(int seed)
    {
        var values = Doubles.Any(new Random(seed), 30);
        var sum = new ExactSums();
        foreach (var value in values)
            sum.Add(0, value);

        var bytes = new ArrayBufferWriter<byte>();
        sum.Save(new StateWriter(bytes), 0);
        var copy = new ExactSums();
        copy.Load(new StateReader(bytes.WrittenSpan.ToArray()), 0);
        copy.Add(0, 0.1);
        sum.Add(0, 0.1);

        Assert.Equal(sum.Exact(0), copy.Exact(0));
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
        var sum = new ExactSums();
        foreach (var value in values)
            sum.Add(0, value);

        Assert.Equal(expected, sum.Value(0));
    }
}
