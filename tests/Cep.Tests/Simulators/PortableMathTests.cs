using Cep.Simulators;
using Xunit;

namespace Cep.Tests.Simulators;

public sealed class PortableMathTests
{
    [Theory]
    [InlineData(1e-300)]
    [InlineData(0.001)]
    [InlineData(0.9999999)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(123456.789)]
    public void Ln_Positive_IsTheLogarithm(double x) =>
        Assert.Equal(Math.Log(x), PortableMath.Ln(x), 6);

    [Theory]
    [InlineData(-50)]
    [InlineData(-1.5)]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(11)]
    public void Exp_AnyNumber_IsTheExponential(double x) =>
        Assert.Equal(1, PortableMath.Exp(x) / Math.Exp(x), 6);

    [Fact]
    public void Normal_ManyDraws_HaveMeanZeroAndDeviationOne()
    {
        var random = new Xoshiro256(1);
        var draws = Enumerable.Range(0, 100_000).Select(_ => random.Normal()).ToList();

        Assert.Equal(0, draws.Average(), 1);
        Assert.Equal(1, Math.Sqrt(draws.Average(x => x * x)), 1);
    }
}
