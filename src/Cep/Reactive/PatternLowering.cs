using System.Linq.Expressions;
using Cep.Detection.Patterns;
using Cep.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>Makes the plan of a pattern, the one that the rule language makes of the same pattern.</summary>
internal sealed class PatternLowering
{
    private readonly EventShape _shape;
    private readonly PatternElement _root;
    private readonly List<string> _names;

    private PatternLowering(EventShape shape, PatternElement root)
    {
        (_shape, _root) = (shape, root);
        _names = [.. root.SelfAndParts.OfType<StepElement>().Select(s => s.Name).Distinct(StringComparer.Ordinal)];
    }

    /// <exception cref="ArgumentException">
    /// The parts of the pattern do not go together; the message says why.
    /// </exception>
    public static PatternPlan Plan<T>(EventShape shape, Pattern<T> pattern)
    {
        var settings = pattern.Settings;
        var lowering = new PatternLowering(shape, pattern.Element);
        if (settings is { Report: PatternReport.Longest, Matches: PatternMatches.All })
            throw new ArgumentException(
                "Report(Longest) picks one match for each first event; Matches(All) reports every one. "
                + "Leave out one of them.", nameof(pattern));
        PatternCheck.Check(pattern.Element, settings);
        var report = settings.Matches == PatternMatches.Latest ? PatternReport.Earliest : settings.Report;
        var plan = new PatternPlan(
            [.. lowering._names.Select(lowering.Step)], lowering.Node(pattern.Element), settings.WithinMs,
            settings.Matches, report, lowering.AfterMatch(settings.AfterMatch),
            settings.OnTimeout ? new AlertPlan(null, [], [], 0, []) : null);
        return PatternLimits.Problem(plan) is { } problem
            ? throw new ArgumentException(problem, nameof(pattern))
            : plan;
    }

    public static ArgumentException Unknown(string? step, IReadOnlyList<string> names) =>
        new($"The pattern has no step '{step}'; its steps are {string.Join(", ", names)}.", nameof(step));

    private PatternStep Step(string name)
    {
        var condition = Only(name, "condition", _root.SelfAndParts.OfType<StepElement>()
            .Where(s => s.Name == name).Select(s => s.Condition));
        var until = Only(name, "Until", _root.SelfAndParts.OfType<LoopElement>()
            .Where(l => l.Body.Inner is StepElement step && step.Name == name).Select(l => l.Until));
        return new PatternStep(
            name, 0, null, condition is null ? ConstExpr.True : Condition(condition),
            until is null ? null : Condition(until));
    }

    private static LambdaExpression? Only(string step, string what, IEnumerable<LambdaExpression?> conditions)
    {
        LambdaExpression[] given = [.. conditions.OfType<LambdaExpression>().Distinct()];
        return given.Length <= 1
            ? given.FirstOrDefault()
            : throw new ArgumentException(
                $"The step '{step}' has more than one {what}. Give it in one place; elsewhere its name is enough.",
                nameof(step));
    }

    private Expr Condition(LambdaExpression condition) => ExpressionTranslator.Translate(condition, new StepsScope(
        _shape, _names, condition.Parameters[0], condition.Parameters.Count > 1 ? condition.Parameters[1] : null));

    private AfterMatch AfterMatch(Skip skip)
    {
        if (skip.Step is not { } step)
            return new AfterMatch(skip.Kind);
        return IndexOf(step) is >= 0 and var index ? new AfterMatch(skip.Kind, index) : throw Unknown(step, _names);
    }

    private PatternNode Node(PatternElement element) => element switch
    {
        StepElement step => new StepNode(IndexOf(step.Name)),
        SequenceElement sequence =>
            new SequenceNode([.. sequence.Items.Select(i => new PatternItem(i.Link, Node(i.Element)))]),
        AlternativesElement either => new AlternativesNode([.. either.Members.Select(Node)]),
        AnyOrderElement all => new AnyOrderNode([.. all.Members.Select(Node)], all.Link),
        LoopElement loop => new LoopNode(Node(loop.Body), loop.Min, loop.Max, loop.Mode, loop.Link),
        NegationElement negation => new AbsentNode([.. negation.Steps.Select(s => IndexOf(s.Name))]),
        _ => Node(element.Inner),
    };

    private int IndexOf(string step) => _names.IndexOf(step);
}
