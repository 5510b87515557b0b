using System.Diagnostics;
using System.Text;
using Cep.Rules.Diagnostics;
using Cep.Rules.Testing;

namespace Cep.Rules.Tests;

/// <summary>Rule files are untrusted: whatever they hold, the compiler answers with diagnostics, and soon.</summary>
public sealed class RobustnessTests
{
    [Fact]
    public void Compiler_AliasBomb_IsReported()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++)
            text.Append($"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 10))}]\n");

        Assert.Equal("CEP003 Aliases repeat more than 100000 nodes.",
            Compiled.Messages(Compiled.Text(text.ToString())));
    }

    [Fact]
    public void Compiler_UnknownAlias_IsReported() =>
        Assert.Equal("CEP001", Assert.Single(Compiled.Text("rules: *rules").Diagnostics).Id);

    [Theory]
    [InlineData("[", 10_000)]
    [InlineData("{a: ", 10_000)]
    [InlineData("- ", 10_000)]
    public void Compiler_DeepYaml_IsReported(string open, int depth) =>
        Assert.Equal("CEP003",
            Assert.Single(Compiled.Text(string.Concat(Enumerable.Repeat(open, depth))).Diagnostics).Id);

    [Theory]
    [InlineData("(", "")]
    [InlineData("not ", "b")]
    [InlineData("-", "x")]
    [InlineData("b or ", "b")]
    [InlineData("l[", "")]
    [InlineData("lower(", "")]
    [InlineData("if(b, b, ", "")]
    [InlineData("a.", "b")]
    public void Compiler_DeepExpression_IsReported(string open, string end)
    {
        var expression = string.Concat(Enumerable.Repeat(open, 20_000)) + end;

        Assert.Equal("CEP010", Assert.Single(Compiled.Rule($"when: \"{expression}\"").Diagnostics).Id);
    }

    [Fact]
    public void Compiler_LongExpression_Binds()
    {
        var expression = string.Join(" or ", Enumerable.Range(0, 240).Select(i => $"n == {i}"));
        var list = string.Join(", ", Enumerable.Range(0, 20_000));

        Assert.Equal("", Compiled.Messages(Compiled.Rule($"when: \"{expression} or n in [{list}]\"")));
    }

    [Fact]
    public void Compiler_DefinitionsInReverse_AreReportedWhereTooDeep()
    {
        var lets = string.Join(", ", Enumerable.Range(0, 5000).Reverse().Select(i => $"v{i + 1}: v{i} + 1"));

        var result = Compiled.Rule($"let: {{{lets}, v0: x}}\nwhen: v5000 > 1");

        Assert.Contains(result.Diagnostics, d => d.Id == DiagnosticIds.LimitExceeded);
    }

    [Fact]
    public void Compiler_MutatedFiles_NeverThrows()
    {
        var random = new Random(17);
        const string Noise = "{}[]()'\"\\:,-#&*!|>%@` \n\tab0.9~\u00e9\ud83d\ude00";
        var seed = $$"""
            {{Compiled.Streams}}
            defaults: {severity: high}
            rules:
              - rule: a
                on: events
                by: [k, lower(s)]
                let: {m: avg(x) over prior 10m}
                when: >
                  x > m * 2 and k in ['a', "b"]
                  or prev(n) is null
                except: [{k: [a, b], why: "x", until: 2027-01-31}]
                alert: {message: "{k} at {x:0.0}", labels: {a: "b"} }
                emit: out
              - {rule: b, on: out, window: session gap 5m max 1h, select: {n: count(), m: max(m)}, when: "n > 2"}
            tests:
              - name: t
                given: [events: {ts: 0s, k: a, x: 5, a: {b: [1]} }, advance: 5s]
                expect: [{rule: a, at: 5s, key: [a, b], fields: {m: 5}, matched: {s: [0]} }]
            """;
        var rounds = int.Parse(Environment.GetEnvironmentVariable("CEP_FUZZ_ROUNDS")
            ?? "3000", System.Globalization.CultureInfo.InvariantCulture);
        for (var round = 0; round < rounds; round++)
        {
            var text = new StringBuilder(seed);
            for (var edit = random.Next(1, 6); edit > 0; edit--)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0)
                    text.Remove(at, Math.Min(random.Next(1, 8), text.Length - at));
                else
                    text.Insert(at, Noise[random.Next(Noise.Length)]);
            }

            var result = Compiled.Text(text.ToString());
            foreach (var diagnostic in result.Diagnostics)
                Assert.NotEmpty(DiagnosticPrinter.Print(diagnostic, text.ToString()));
            foreach (var test in result.Tests)
                Assert.NotNull(RuleTestRunner.Run(test));
        }
    }

    [Fact]
    public void Compiler_ThousandRules_TakesLessThanTwoSeconds()
    {
        var text = new StringBuilder(Compiled.Streams).Append("\nrules:\n");
        for (var i = 0; i < 1000; i++)
            text.Append($$"""
                  - rule: r-{{i}}
                    on: events
                    by: k
                    let: {baseline: avg(x) over prior 10m}
                    when: x > baseline * 1.{{i}} and n in [1, 2, 3] and k matches '^a{{i}}'
                    for: 2m
                    alert: {message: "{k} at {x:0.0}", dedupe: 1h}

                """);
        var watch = Stopwatch.StartNew();

        var result = Compiled.Text(text.ToString());

        Assert.Equal(1000, result.Plan.Rules.Count);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }
}
