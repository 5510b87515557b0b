namespace Cep.Rules.Tests;

public sealed class ScalarPositionTests
{
    [Theory]
    [InlineData("when: x > 1 and oops", 9, 21)]
    [InlineData("when: 'k == ''a'' and oops'", 9, 27)]
    [InlineData("when: \"k == '\\u0041\\t\\\"' and oops\"", 9, 34)]
    [InlineData("when: >-\n  x > 1\n  and oops", 11, 11)]
    [InlineData("when: |\n  x > 1 and\n    oops", 11, 9)]
    [InlineData("when: |2-\n   x > 1 and\n  oops", 11, 7)]
    [InlineData("when: x > 1\n  and\n\n  oops", 12, 7)]
    [InlineData("when: 'x > 1\n  and\n  oops'", 11, 7)]
    [InlineData("when: \"x > 1 \\\n  and oops\"", 10, 11)]
    [InlineData("when: &anchor oops", 9, 19)]
    [InlineData("when: !!str oops", 9, 17)]
    public void Diagnostic_InsideScalar_PointsAtTheName(string lines, int line, int column)
    {
        var diagnostic = Assert.Single(Compiled.Rule($"description: d\n{lines}").Diagnostics);

        Assert.Equal("There is no 'oops' in 'when'.", diagnostic.Message);
        Assert.Equal((line, column, 4), (diagnostic.Span.Line, diagnostic.Span.Column, diagnostic.Span.Length));
    }

    [Fact]
    public void Diagnostic_CarriageReturns_CountAsLineEnds()
    {
        var text =
            $"{Compiled.Streams}\nrules:\n  - rule: r\n    on: events\n    when: |\n      b and\n      oops\n".Replace(
            "\n", "\r\n", StringComparison.Ordinal);

        var diagnostic = Assert.Single(Compiled.Text(text).Diagnostics);

        Assert.Equal((10, 7, 4), (diagnostic.Span.Line, diagnostic.Span.Column, diagnostic.Span.Length));
    }
}
