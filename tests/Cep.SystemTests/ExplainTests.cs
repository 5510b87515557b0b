namespace Cep.SystemTests;

public sealed class ExplainTests : IDisposable
{
    private const string Rules =
        """
        rules:
          - rule: testing
            on: payments
            by: card
            pattern: small{2} -> !refund ->[5m] large
            define: {small: amount < 5, refund: amount < 0, large: amount > 10 * avg(small.amount)}
            within: 10m
            alert: {message: "{card}"}
          - rule: open
            on: payments
            by: card
            pattern: a -> b
            define: {a: amount < 5 and count() over 5m > 2, b: amount > 100}
            alert: {message: "{card}"}

        """;

    private readonly Workspace _files = new();

    [Fact]
    public async Task Explain_OfAPattern_ShowsAutomatonAndState()
    {
        var rules = _files.Write("rules.yaml", Workspace.Streams + Rules);
        var result = await CepProgram.RunAsync("explain", "testing", "--rules", rules);
        Assert.Equal(
            """
            rule      testing (medium, live)
            reads     payments (time ts, out of order by up to 0s)
            key       card
            pattern   small{2} -> !refund ->[5m] large
            step      small: (amount < 5)
            step      refund: (amount < 0)
            step      large: (amount > (10 * avg(small.amount)))
            within    10m
            matches   one, reported earliest, then on behind its last event
            automaton start
                        small  => state 1
                      state 1
                        -> small  => state 2
                      state 2
                        -> !refund ->[5m] large  => state 3
                      state 3
                        match
                      kept per key: the ways of each first event that has no match yet, for 10m
            state     pattern: 36 bytes a key
                      open match: 36 bytes and 28 for each event taken; kept for 10m at most
                      event taken: 36 bytes once, for all matches that hold it; at most 1048576 open matches a key
                      the key itself: 14 bytes and those of its values

            """,
            result.Output);
    }

    [Fact]
    public async Task Explain_OfAnUnboundedPattern_WarnsWithAWayOut()
    {
        var rules = _files.Write("rules.yaml", Workspace.Streams + Rules);
        var result = await CepProgram.RunAsync("explain", "open", "--rules", rules);
        Assert.Contains(
            "warning   nothing ends an open match: without `within` each is kept for ever; add `within: 10m`, or give "
            + "the links times, as in `a ->[30s] b`\n", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            "count() over 5m: 16 bytes + 8 per event in range a key\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Explain_WithMermaid_DrawsTheAutomaton()
    {
        var rules = _files.Write("rules.yaml", Workspace.Streams + Rules);
        var result = await CepProgram.RunAsync("explain", "open", "--rules", rules, "--mermaid");
        Assert.Equal(
            """
            stateDiagram-v2
              [*] --> s1 : a
              s1 --> s2 : -> b
              s2 --> [*] : match

            """,
            result.Output);
    }

    public void Dispose() => _files.Dispose();
}
