using Cep.Expressions;

namespace Cep.Plans;

public enum Severity : byte
{
    Info,
    Low,
    Medium,
    High,
    Critical,
}

public enum RuleMode : byte
{
    Live,

    /// <summary>Evaluated and recorded, never delivered.</summary>
    Shadow,
    Off,
}

/// <summary>An expression with a name: a key part, a <c>let</c>, a selected value, a label.</summary>
public sealed record NamedExpr(string Name, Expr Value);

/// <summary>
/// Events that <paramref name="Condition"/> holds for are left out, until (event time, ms; exclusive) it ends by
/// itself.
/// </summary>
public sealed record ExceptPlan(Expr Condition, string Why, long UntilMs);

/// <summary>A text with expressions in it: literals and values in turn.</summary>
public sealed record TemplatePlan(ValueList<TemplatePart> Parts);

/// <summary>Either a literal text, or a value with an optional .NET format.</summary>
public sealed record TemplatePart(string? Text, Expr? Value, string? Format);

/// <param name="Message">The message, or null: the rule's description or id.</param>
/// <param name="Labels">Texts that go with every alert.</param>
/// <param name="Fields">Values besides <c>let</c> and <c>select</c>.</param>
/// <param name="DedupeMs">One alert for the rule and key in this time, or 0.</param>
/// <param name="Key">Overrides the rule's key, or empty.</param>
public sealed record AlertPlan(
    TemplatePlan? Message, ValueList<(string Name, TemplatePlan Value)> Labels, ValueList<NamedExpr> Fields,
        long DedupeMs, ValueList<NamedExpr> Key);

/// <summary>What a rule looks for. See the records derived from it.</summary>
public abstract record DetectorPlan;

/// <summary>
/// A compiled rule, as immutable data that compares by value: what the engine runs, whoever made it.
/// </summary>
/// <param name="Id">The rule's id.</param>
/// <param name="Inputs">The names of the streams it reads, in the order that breaks ties of time.</param>
/// <param name="By">For each input the expressions of the key; empty lists: one key for all.</param>
/// <param name="Where">The filter on the rule's own stream (input 0), or null.</param>
/// <param name="Except">Known exceptions.</param>
/// <param name="Let">Named expressions that alerts show.</param>
/// <param name="Detector">What is looked for.</param>
/// <param name="Alert">What is said.</param>
public sealed record RulePlan(
    string Id,
    ValueList<string> Inputs,
    ValueList<ValueList<NamedExpr>> By,
    Expr? Where,
    ValueList<ExceptPlan> Except,
    ValueList<NamedExpr> Let,
    DetectorPlan Detector,
    AlertPlan Alert)
{
    public string Description { get; init; } = "";

    public Severity Severity { get; init; } = Severity.Medium;

    public ValueList<string> Tags { get; init; }

    public RuleMode Mode { get; init; }

    /// <summary>
    /// The derived stream that gets the rule's detections as events, or null. Its fields are <c>ts</c> (the time of the
    /// detection), <c>rule</c>, <c>status</c>, then the parts of the key, let, select and alert.fields by their names;
    /// of fields with one name the first counts.
    /// </summary>
    public string? Emit { get; init; }
}
