using Cep.Rules.Testing;

namespace Cep.Rules.Tests;

/// <summary>Rule tests from text to verdict, in a real engine.</summary>
public sealed class RuleTestRunnerTests
{
    [Theory]
    [InlineData("- {at: 1s, key: a, fields: {x: 90}}\n- {at: 3s, key: b}")]
    [InlineData("- {key: b}\n- {message: 'a at 90.0'}")]
    [InlineData("- {}\n- {key: a}")]
    public void Run_ExpectedAlerts_Passes(string expect) => Assert.Null(Hot($"expect:\n{Indented(expect)}"));

    [Fact]
    public void Run_AlertTooMany_Fails() => Assert.Equal("""
        1 of 1 expected alerts are there, 1 others too.
            expected        actual
            (not expected)
                            rule: hot
                            at: 3s
                            status: firing
                            key: b
                            fields.x: 95
                            message: b at 95.0
          given[2] is no event of 'events': x: hot is not a number
        """.ReplaceLineEndings("\n"), Hot("expect: [{at: 1s}]"));

    [Fact]
    public void Run_Contains_AsksForThoseAlone() => Assert.Null(Hot("contains: [{at: 3s}]"));

    [Fact]
    public void Run_NoAlertExpected_Fails() =>
        Assert.StartsWith("0 of 0 expected alerts are there, 2 others too.\n", Hot("expect: []"),
            StringComparison.Ordinal);

    [Fact]
    public void Run_Until_StopsTheClock()
    {
        const string Silent = "{rule: quiet, on: events, by: k, silent: 5m}";
        const string Given = "given: [events: {ts: 0s, k: a}, events: {ts: 1m, k: b}]";

        Assert.Null(Run(Silent, $"{Given}\nexpect: [{{at: 5m, key: a}}, {{at: 6m, key: b}}]"));
        Assert.Null(Run(Silent, $"{Given}\nuntil: 5m30s\nexpect: [{{at: 5m, key: a, status: firing}}]"));
        Assert.Null(Run(Silent, $"{Given}\nuntil: 3m\nexpect: []"));
    }

    [Fact]
    public void Run_Advance_MovesTheClockOfStreamsWithoutTime()
    {
        var failure = Run(
            "{rule: n, on: ticks, window: tumbling 10s, select: {n: count()}}",
            """
            streams: {ticks: {fields: {v: integer}}}
            given: [advance: 4s, ticks: {v: 1}, ticks: {v: 2}, advance: 8s, ticks: {v: 3}]
            expect:
              - {at: 10s, window: {start: 0s, end: 10s}, fields: {n: 2}}
              - {at: 20s, window: {start: 10s, end: 20s}, fields: {n: 1}}
            """);

        Assert.Null(failure);
    }

    [Fact]
    public void Run_DerivedStream_FeedsItsReaders()
    {
        var result = Compiled.Text($$"""
            {{Compiled.Streams}}
            rules:
              - {rule: hot, on: events, by: k, let: {t: x}, when: x > 80, emit: heat}
              - rule: often
                on: heat
                by: k
                when: count() over 10s >= 2 and max(t) over 10s > 90
            tests:
              - name: t
                given: [events: {ts: 1s, k: a, x: 85}, events: {ts: 2s, k: b, x: 95}, events: {ts: 3s, k: a, x: 95}]
                expect:
                  - {rule: hot, at: 1s}
                  - {rule: hot, at: 2s}
                  - {rule: hot, at: 3s, key: {k: a}, fields: {t: 95} }
                  - {rule: often, at: 3s, key: a}
            """);

        Assert.Equal("", Compiled.Messages(result));
        Assert.Null(RuleTestRunner.Run(Assert.Single(result.Tests)).Failure);
    }

    [Theory]
    [InlineData("count(changed(s)) over 10s", 1)]
    [InlineData("sum(n) over prior 10s", 3)]
    [InlineData("prev(n) ?? 0", 2)]
    [InlineData("if(s == 'q', n * 2, 0)", 6)]
    [InlineData("length(l) + n % 2", 3)]
    [InlineData("a.p[1] ?? 0", 7)]
    [InlineData("round(n / 2)", 2)]
    [InlineData("topk(n, 2) over last 3", "[1, 2]")]
    [InlineData("ts - 1s", "2s")]
    [InlineData("d * 2", "4s")]
    [InlineData("least(n, x)", 3)]
    [InlineData("if(n in [3, 4] and s not in ['p'], 1, 0)", 1)]
    [InlineData("if(n between 2 and 3 and s like 'q%' and s matches '^q$', 1, 0)", 1)]
    [InlineData("hour(ts + 12h, 'Europe/Berlin')", 13)]
    public void Run_Expression_HasItsValue(string expression, object value)
    {
        var failure = Run(
            $"{{rule: r, on: events, let: {{v: \"{expression}\"}}, when: n == 3}}",
            $$"""
            given:
              - events: {ts: 1s, n: 1, s: p}
              - events: {ts: 2s, n: 2, s: p}
              - events: {ts: 3s, n: 3, x: 4, s: q, l: [a, b], d: 2s, a: {p: [6, 7]} }
            expect: [{fields: {v: {{value}} } }]
            """);

        Assert.Null(failure);
    }

    private static string? Hot(string expect) => Run(
        "{rule: hot, on: events, by: k, let: {x: x}, when: x > 80, alert: {message: \"{k} at {x:0.0}\"}}",
        $$"""
        given:
          - events: {ts: 1s, k: a, x: 90}
          - events: {ts: 2s, k: a, x: 80}
          - events: {ts: 2s, k: a, x: hot}
          - events: {ts: 3s, k: b, x: 95}
        {{expect}}
        """);

    private static string? Run(string rule, string lines)
    {
        var result = Compiled.Text(
            $"{Compiled.Streams}\ntests:\n  - name: t\n    rules:\n      - {rule}\n    {Indented(lines)[4..]}\n");
        Assert.Equal("", Compiled.Messages(result));
        return RuleTestRunner.Run(Assert.Single(result.Tests)).Failure;
    }

    private static string Indented(string lines) =>
        "    " + lines.ReplaceLineEndings("\n").Replace("\n", "\n    ", StringComparison.Ordinal);
}
