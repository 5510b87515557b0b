using Cep.Detection.Patterns;
using Cep.Plans;
using Cep.Rules;
using Xunit;

namespace Cep.Tests.Patterns;

public sealed class PatternTextTests
{
    [Fact]
    public void Explain_LoopAndNegation_ShowsStatesAndBound()
    {
        var text = PatternText.Explain(Plan("probe{2,} -> !block ->[30s] hit"));

        Assert.Equal(
            """
            probe{2,} -> !block ->[30s] hit
            start
              probe  => state 1
            state 1
              -> probe  => state 2
            state 2
              -> probe  => state 3
              -> !block ->[30s] hit  => state 4
            state 3
              -> probe  => state 3
              -> !block ->[30s] hit  => state 4
            state 4
              match
            kept per key: the ways of each first event that has no match yet, for 10m

            """, text);
    }

    [Fact]
    public void Mermaid_Choice_ShowsBothWays()
    {
        var text = PatternText.Mermaid(Plan("probe > (hit | block)"));

        Assert.Equal(
            """
            stateDiagram-v2
              [*] --> s1 : probe
              s1 --> s2 : > hit
              s1 --> s2 : > block
              s2 --> [*] : match

            """, text);
    }

    private static PatternPlan Plan(string pattern)
    {
        var result = RuleCompiler.Compile([new SourceText("x.yaml", """
            streams: {payments: {time: ts, fields: {ts: timestamp, amount: number}}}
            rules: [{rule: r, on: payments, pattern: 'PATTERN', within: 10m}]
            """.Replace("PATTERN", pattern, StringComparison.Ordinal))]);
        Assert.False(result.HasErrors);
        return (PatternPlan)result.Plan.Rules[0].Detector;
    }
}
