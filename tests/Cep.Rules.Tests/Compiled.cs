using Cep.Plans;
using Cep.Rules.Diagnostics;

namespace Cep.Rules.Tests;

/// <summary>Compiles what tests are about.</summary>
internal static class Compiled
{
    public const string Streams = """
        streams:
          events:
            {time: ts, fields: {ts: timestamp, k: string, n: integer, x: number, y: number, b: bool, d: duration,
              a: any, l: list of string, s: string}}
        """;

    public static CompileResult Files(params (string Path, string Text)[] files) =>
        RuleCompiler.Compile([.. files.Select(f => new SourceText(f.Path, f.Text))]);

    public static CompileResult Text(string text) => Files(("rules.yaml", text));

    /// <summary>A rule beside the stream 'events'; its lines are those of a rule after its id and stream.</summary>
    public static CompileResult Rule(string lines) =>
        Text($"{Streams}\nrules:\n  - rule: r\n    on: events\n    {lines.ReplaceLineEndings("\n").Replace("\n",
            "\n    ", StringComparison.Ordinal)}\n");

    /// <summary>The plan of a rule that must have no problems.</summary>
    public static RulePlan Plan(string lines)
    {
        var result = Rule(lines);
        Assert.Equal("", Messages(result));
        return Assert.Single(result.Plan.Rules);
    }

    public static string Messages(CompileResult result) =>
        string.Join('\n',
            result.Diagnostics.Select(d => $"{d.Id} {d.Message}{(d.Hint is null ? "" : $" ({d.Hint})")}"));

    public static string Printed(CompileResult result, string text) =>
        string.Concat(result.Diagnostics.Select(d => DiagnosticPrinter.Print(d, text)));
}
