using Cep.Host.Operating;

namespace Cep.Host.Tests;

public sealed class MetricsTextTests
{
    [Fact]
    public void Labels_AndHelp_AreEscaped()
    {
        var family = new MetricFamily("cep_x_total", MetricKind.Counter, "a\\b\nc \"d\"")
            .Add(1.5, ("rule", "a\\b\n\"c\""), ("outcome", "é"));
        Assert.Equal(
            "# HELP cep_x_total a\\\\b\\nc \"d\"\n# TYPE cep_x_total counter\n"
            + "cep_x_total{rule=\"a\\\\b\\n\\\"c\\\"\",outcome=\"é\"} 1.5\n",
            MetricsText.Write([family]));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(9007199254740991, "9007199254740991")]
    [InlineData(1e21, "1E+21")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Numbers_AreAsPrometheusReadsThem(double value, string text) =>
        Assert.Equal(text, MetricsText.Number(value));

    [Fact]
    public void Family_WithoutNumbers_IsLeftOut() =>
        Assert.Equal("", MetricsText.Write([new MetricFamily("cep_x", MetricKind.Gauge, "x")]));

    [Fact]
    public void RulesBeyondTheLimit_AreCountedTogether()
    {
        var rules = Enumerable.Range(0, DeploymentMetrics.MaxRules + 3)
            .Select(i => new RuleLedger($"r{i}", 9, 1, 2, 3, 3, 4, 5, 6, 7)).ToList();
        var told = DeploymentMetrics.Bounded(rules);
        Assert.Equal(DeploymentMetrics.MaxRules + 1, told.Count);
        Assert.Equal(new RuleLedger(DeploymentMetrics.OtherRules, 27, 3, 6, 9, 9, 12, 15, 18, 21), told[^1]);
        Assert.Equal(rules[^4], told[^2]);
        Assert.True(told.All(r => r.Balances));
    }
}
