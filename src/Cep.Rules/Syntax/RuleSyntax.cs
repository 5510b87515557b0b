using Cep.Plans;

namespace Cep.Rules.Syntax;

/// <summary>A rule as written.</summary>
internal sealed record RuleSyntax(YamlScalar Id, YamlScalar? On, DetectorSyntax Detector)
{
    public string Description { get; init; } = "";

    public Severity Severity { get; init; } = Severity.Medium;

    public RuleMode Mode { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<KeyPartSyntax> By { get; init; } = [];

    /// <summary>The streams it reads, each as it is first named.</summary>
    public IReadOnlyList<YamlScalar> Streams =>
    [
        .. (On is null ? [] : new[] { On }).Concat(Detector is PatternSyntax pattern ? pattern.Define.Select(d =>
            d.On).OfType<YamlScalar>() : [])
            .DistinctBy(s => s.Value),
    ];

    public ExpressionSyntax? Where { get; init; }

    public IReadOnlyList<NamedSyntax> Let { get; init; } = [];

    public IReadOnlyList<ExceptSyntax> Except { get; init; } = [];

    public AlertSyntax Alert { get; init; } = AlertSyntax.None;

    public YamlScalar? Emit { get; init; }

    /// <summary>False where reading it met errors: it is checked on, but gets no plan.</summary>
    public bool IsSound { get; init; } = true;
}

/// <summary>A part of a key and its name.</summary>
internal sealed record KeyPartSyntax(string Name, ExpressionSyntax Value);

/// <summary>Fields with the values that are left out, the reason and the end.</summary>
internal sealed record ExceptSyntax(YamlMapping Node, IReadOnlyList<YamlEntry> Fields, string Why, long UntilMs);

/// <summary>What an alert says.</summary>
internal sealed record AlertSyntax(
    TemplateSyntax? Message, IReadOnlyList<(string Name, TemplateSyntax Value)> Labels,
        IReadOnlyList<NamedSyntax> Fields, long DedupeMs,
    IReadOnlyList<KeyPartSyntax> Key)
{
    public static readonly AlertSyntax None = new(null, [], [], 0, []);
}
