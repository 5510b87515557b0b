using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Detection;

/// <summary>A rule in a partition: its plan, its compiled texts and values, its counts.</summary>
internal sealed class HostedRule(RulePlan plan, int index)
{
    private AlertEvals? _evals;
    private EvalCompiler? _compiler;
    private NamedEval[]? _byEvals;

    public RulePlan Plan { get; } = plan;

    /// <summary>Its place among the engine's rules.</summary>
    public int Index { get; } = index;

    /// <summary>What the rule and others with its filter saw, filtered and left out.</summary>
    public SharedCounts Counts = new();

    /// <summary>Late events it did not take, beside those of <see cref="Counts"/>.</summary>
    public long Late;

    public long Detections;

    /// <summary>Partial matches that were not followed because there were too many of them.</summary>
    public long Limited;

    /// <summary>Operations without a result, as far as a frame of the rule's own counts them.</summary>
    public long Undefined;

    /// <summary>The expressions of the rule's alerts; compiled when they are first asked for.</summary>
    public AlertEvals Evals => _evals ??= new AlertEvals(Plan, _compiler ?? new EvalCompiler());

    /// <summary>The parts of the key, read from an event of the rule's own stream.</summary>
    public NamedEval[] ByEvals => _byEvals ??= Plan.By.Count == 0
        ? []
        : [.. Plan.By[0].Select(p => new NamedEval(p.Name, new EvalCompiler().Compile(p.Value), p.Value.Type))];

    /// <summary>Says how the alerts' expressions reach the detector's state.</summary>
    public void CompileWith(EvalCompiler compiler) => _compiler = compiler;
}

/// <summary>The compiled expressions of a rule's alerts.</summary>
internal sealed class AlertEvals
{
    public AlertEvals(RulePlan plan, EvalCompiler compiler)
    {
        By = Named(plan.Alert.Key, compiler);
        var selected = plan.Detector is WindowPlan window ? window.Select : [];
        Fields = [.. Named(plan.Let, compiler), .. Named(selected, compiler), .. Named(plan.Alert.Fields, compiler)];
        Message = plan.Alert.Message is { } message ? new TemplateEval(message, compiler) : null;
        Labels = [.. plan.Alert.Labels.Select(l => (l.Name, new TemplateEval(l.Value, compiler)))];
    }

    /// <summary>The parts of the key that overrides the rule's.</summary>
    public NamedEval[] By { get; }

    public NamedEval[] Fields { get; }

    public TemplateEval? Message { get; }

    public (string Name, TemplateEval Value)[] Labels { get; }

    private static NamedEval[] Named(ValueList<NamedExpr> exprs, EvalCompiler compiler) =>
        [.. exprs.Select(e => new NamedEval(e.Name, compiler.Compile(e.Value), e.Value.Type))];
}

internal sealed record NamedEval(string Name, Eval Value, Events.DataType Type);
