using Cep.Rules.Diagnostics;

namespace Cep.Rules.Tests;

public sealed class DiagnosticPrinterTests
{
    private static readonly Diagnostic s_diagnostic =
        new("CEP011", DiagnosticSeverity.Error, "a.yaml", new Span(2, 7, 4), "There is no 'oops'.",
            "did you mean 'ops'?");

    [Fact]
    public void Print_Text_ShowsLineCaretAndHint() => Assert.Equal(
        "a.yaml:2:7: error CEP011: There is no 'oops'.\n    when: oops\n          ^^^^\n  hint: did you mean 'ops'?\n",
        DiagnosticPrinter.Print(s_diagnostic, "rule: a\r\nwhen: oops\r\n"));

    [Fact]
    public void Print_NoText_ShowsMessageAndHint() => Assert.Equal(
        "a.yaml:2:7: error CEP011: There is no 'oops'.\n  hint: did you mean 'ops'?\n",
        DiagnosticPrinter.Print(s_diagnostic, null));

    [Fact]
    public void Print_LongLine_IsCutAroundThePlace()
    {
        var line = $"{new string('a', 300)} oops {new string('b', 300)}";
        var at = s_diagnostic with { Span = new Span(1, 302, 4), Hint = null };

        var lines = DiagnosticPrinter.Print(at, line).Split('\n');

        Assert.Equal(164, lines[1].Length);
        Assert.Equal("oops", lines[1].Substring(lines[2].IndexOf('^', StringComparison.Ordinal), 4));
    }

    [Theory]
    [InlineData("wehn", "when")]
    [InlineData("Severty", "severity")]
    [InlineData("on", null)]
    [InlineData("alerts", "alert")]
    [InlineData("completely", null)]
    public void Suggestion_Name_IsTheNearest(string name, string? nearest) =>
        Assert.Equal(nearest, Suggestion.Nearest(name, ["rule", "when", "where", "severity", "alert"]));
}
