namespace Cep.Rules.Syntax;

/// <summary>A rule test as written.</summary>
/// <param name="Node">The mapping.</param>
/// <param name="Name">What it shows.</param>
/// <param name="Own">The streams and rules that it brings along.</param>
/// <param name="Given">Events and moves of the clock.</param>
/// <param name="Expect">The alerts expected.</param>
/// <param name="IsComplete">No other alerts may be raised.</param>
/// <param name="UntilMs">How far the clock runs; null: to the end of time.</param>
internal sealed record TestSyntax(
    YamlMapping Node, string Name, FileSyntax Own, IReadOnlyList<GivenSyntax> Given, IReadOnlyList<YamlMapping> Expect,
        bool IsComplete, long? UntilMs)
{
    /// <summary>The errors of the test itself, found while it was read.</summary>
    public IReadOnlyList<Diagnostics.Diagnostic> Errors { get; init; } = [];
}

/// <summary>An event of a stream; or, where <paramref name="AdvanceMs"/> is not null, a move of the clock.</summary>
internal sealed record GivenSyntax(YamlScalar Stream, YamlMapping? Fields, long? AdvanceMs);
