using Cep.Events;
using Cep.Expressions;
using Cep.Plans;
using Cep.Rules.Binding;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

/// <summary>Binds the expressions of one rule and puts its plan together.</summary>
internal sealed partial class RuleBinder
{
    private readonly RuleSyntax _rule;
    private readonly StreamSchema _schema;
    private readonly Func<string, StreamSchema?> _streams;
    private readonly IReadOnlySet<string> _tables;
    private readonly DiagnosticBag _diagnostics;
    private readonly List<KeyPart> _key = [];
    private readonly LetTable _lets;
    private readonly bool _isWindow;

    private RuleBinder(RuleSyntax rule, StreamSchema schema, Func<string, StreamSchema?> streams,
        IReadOnlySet<string> tables, DiagnosticBag diagnostics)
    {
        _rule = rule;
        _schema = schema;
        _streams = streams;
        _inputs.Add(schema);
        _tables = tables;
        _diagnostics = diagnostics;
        _isWindow = rule.Detector is WindowSyntax;
        _lets = new LetTable(rule.Let, BindLet, diagnostics);
    }

    /// <summary>The rule's plan, or null where it has errors (reported).</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="schema">The fields of the stream that it reads.</param>
    /// <param name="streams">The fields of the other streams, by name; null where they are not known.</param>
    /// <param name="tables">The names of tables.</param>
    /// <param name="diagnostics">Takes the problems.</param>
    public static BoundRule? Bind(RuleSyntax rule, StreamSchema schema, Func<string, StreamSchema?> streams,
        IReadOnlySet<string> tables, DiagnosticBag diagnostics)
    {
        var errors = diagnostics.ErrorCount;
        var bound = new RuleBinder(rule, schema, streams, tables, diagnostics).Bind();
        return rule.IsSound && diagnostics.ErrorCount == errors ? bound : null;
    }

    private BoundRule? Bind()
    {
        // in place, because let may use what the key is made of so far
        foreach (var part in KeyParts(_rule.By, Events("'by'", KeyUse.None)))
            _key.Add(part);
        if (_rule.Detector is PatternSyntax pattern)
            DeclareSteps(pattern);
        var where = _rule.Where is { } filter ? Condition(filter, Events("'where'")) : null;
        List<ExceptPlan?> except = [.. _rule.Except.Select(Exception)];
        List<NamedExpr> lets = [.. _lets.All().Where(l => l.Value is not null)
            .Select(l => new NamedExpr(l.Name, l.Value!))];
        var (detector, report) = Detector();
        var alert = Alert(_rule.Alert, report);
        if (_isWindow)
            WarnOfUnusedLets();
        if (detector is null || alert is null || except.Contains(null))
            return null;
        var keys = KeyOfInputs();
        var by = keys[0];
        var shown = _isWindow ? [] : lets;
        return new BoundRule(
            new RulePlan(_rule.Id.Value, [.. _inputs.Select(i => i.Name)], keys, where, [.. except!], [.. shown],
                detector, alert)
            {
                Description = _rule.Description,
                Severity = _rule.Severity,
                Tags = [.. _rule.Tags],
                Mode = _rule.Mode,
                Emit = _rule.Emit?.Value,
            },
            _rule.Emit is null ? [] : EmittedFields(by, shown, detector, alert));
    }

    private enum KeyUse
    {
        None,
        Named,
        Preferred,
    }

    /// <summary>Events are looked at, as they arrive or in the order of their key.</summary>
    private EventScope Events(string place, KeyUse key = KeyUse.Named, bool ordered = false) => new(_schema, 0, place)
    {
        Tables = _tables,
        Lets = _lets,
        KeyParts = key == KeyUse.None ? null : _key,
        PrefersKey = key == KeyUse.Preferred,
        IsOrdered = ordered && !_isWindow,
        InWindow = _isWindow,
    };

    private Resolved BindLet(NamedSyntax let)
    {
        var binder = new ExpressionBinder(let.Value.Source, _diagnostics);
        var value = binder.Bind(let.Value.Root, LetScope());
        return new Resolved(value, binder.Nodes);
    }

    private Scope LetScope() => _rule.Detector is PatternSyntax
        ? Steps(Events("'let'", ordered: _inputs.Count == 1))
        : Events("'let'", ordered: true);

    private Expr? Bind(ExpressionSyntax syntax, Scope scope) =>
        new ExpressionBinder(syntax.Source, _diagnostics).Bind(syntax.Root, scope);

    private Expr? Condition(ExpressionSyntax syntax, Scope scope) =>
        new ExpressionBinder(syntax.Source, _diagnostics).BindCondition(syntax.Root, scope);

    private IEnumerable<KeyPart> KeyParts(IReadOnlyList<KeyPartSyntax> parts, Scope scope)
    {
        foreach (var part in parts)
            if (Bind(part.Value, scope) is { } value)
                yield return new KeyPart(part.Name, value);
    }

    private (DetectorPlan? Plan, Scope Report) Detector()
    {
        var alert = Events("'alert'", KeyUse.Preferred, ordered: true);
        switch (_rule.Detector)
        {
            case ConditionSyntax condition:
                var when = Condition(condition.When, Events("'when'", ordered: true));
                var resolve = condition.Resolve is { } syntax
                    ? Condition(syntax, Events("'resolve'", ordered: true))
                    : null;
                return (when is null
                    ? null
                    : new ConditionPlan(when, condition.ForMs, resolve, condition.Rising, condition.EveryMs), alert);
            case WindowSyntax window:
                return Window(window);
            case PatternSyntax pattern:
                return Pattern(pattern);
            case SilenceSyntax silence:
                return (new SilencePlan(silence.SilentMs), alert);
            default:
                return (null, alert);
        }
    }

    private (DetectorPlan? Plan, Scope Report) Window(WindowSyntax window)
    {
        var events = Events("an aggregate of 'select'");
        var scope = new SelectScope(events, _key);
        var selected = new List<SelectedValue>();
        foreach (var item in window.Select)
        {
            var binder = new ExpressionBinder(item.Value.Source, _diagnostics);
            var value = binder.Bind(item.Value.Root, scope);
            scope.Add(item.Name, new Resolved(value, binder.Nodes));
            selected.Add(new SelectedValue(item.Name, value));
        }

        var when = window.When is { } syntax
            ? Condition(syntax, new ReportScope(selected, _key, events, "'when'"))
            : null;
        var report = new ReportScope(selected, _key, events, "'alert'");
        if (selected.Exists(s => s.Value is null))
            return (null, report);
        ValueList<NamedExpr> select = [.. selected.Select(s => new NamedExpr(s.Name, s.Value!))];
        return (new WindowPlan(window.Kind, select, when, window.Report, window.EveryMs, window.AllowedLatenessMs),
            report);
    }

    private void WarnOfUnusedLets()
    {
        foreach (var let in _lets.Unused)
            _diagnostics.Warning(DiagnosticIds.UnusedLet, let.NameSource.Source, let.NameSource.Span,
                $"Nothing uses '{let.Name}': a window shows what 'select' names.");
    }

    private List<FieldSchema> EmittedFields(
        ValueList<NamedExpr> by, IReadOnlyList<NamedExpr> lets, DetectorPlan detector, AlertPlan alert)
    {
        var fields = new List<FieldSchema>
        {
            new("ts", DataType.Timestamp),
            new("rule", DataType.String),
            new("status", DataType.String),
        };
        var select = detector is WindowPlan window ? window.Select : [];
        var names = fields.Select(f => f.Name).ToHashSet();
        foreach (var (name, value) in by.Concat(lets).Concat(select).Concat(alert.Fields))
            if (names.Add(name))
                fields.Add(new FieldSchema(name, value.Type == DataType.Null ? DataType.Any : value.Type));
        return fields;
    }
}
