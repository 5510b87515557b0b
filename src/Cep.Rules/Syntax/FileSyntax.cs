namespace Cep.Rules.Syntax;

/// <summary>A file of rules as written, or what a test brings along.</summary>
internal sealed record FileSyntax(YamlSource Source)
{
    public IReadOnlyList<StreamSyntax> Streams { get; init; } = [];

    public IReadOnlyList<RuleSyntax> Rules { get; init; } = [];

    public IReadOnlyList<TestSyntax> Tests { get; init; } = [];

    /// <summary>The names of its tables.</summary>
    public IReadOnlyList<YamlScalar> Tables { get; init; } = [];

    /// <summary>The files that its tests load.</summary>
    public IReadOnlyList<YamlScalar> Load { get; init; } = [];
}
