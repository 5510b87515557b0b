using System.Linq.Expressions;
using Cep.Events;
using Cep.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>
/// A rule over events of a C# type: its plan, and how such events become rows. Immutable: subscriptions share it.
/// </summary>
internal sealed class RuleSource<T>
{
    private readonly Action<T, Column[]> _write;
    private readonly HashSet<int> _fields;

    public RuleSource(RulePlan rule, EventShape shape, EventTiming<T> timing, IObserver<T>? late)
    {
        (Rule, Shape, Timing, Late) = (rule, shape, timing, late);
        var stream = new StreamPlan(shape.Schema) { OutOfOrderMs = timing.OutOfOrderMs };
        Plan = new EnginePlan([stream], [rule]);
        _fields = [.. Exprs(rule).SelectMany(ExprWalker.SelfAndParts).OfType<FieldExpr>().Select(f => f.Field)];
        if (rule.Detector is not WindowPlan)
            _fields.Add(shape.EventField);
        _write = shape.CompileWriter<T>(_fields);
    }

    public RulePlan Rule { get; }

    public EventShape Shape { get; }

    public EventTiming<T> Timing { get; }

    /// <summary>Gets the events that came too late, if anybody does.</summary>
    public IObserver<T>? Late { get; }

    public EnginePlan Plan { get; }

    /// <summary>
    /// A batch of one row that can be written again and again; columns that the rule does not read are missing.
    /// </summary>
    public EventBatch CreateRow()
    {
        var columns = new Column[Shape.Schema.Fields.Length];
        foreach (var field in _fields)
        {
            var type = Shape.Schema.Fields[field].Type;
            columns[field] = new Column(type, 1, type == DataType.String ? new StringPool() : null);
        }

        return new EventBatch(Shape.Schema, columns, new long[1], new long[1]) { Count = 1 };
    }

    public void Write(T value, EventBatch row)
    {
        _write(value, row.Columns);
        if (row.Columns[Shape.EventField] is { } events)
            events.Objects[0] = value;
    }

    private static IEnumerable<Expr> Exprs(RulePlan rule)
    {
        var exprs = rule.By[0].Select(b => b.Value);
        if (rule.Where is { } where)
            exprs = exprs.Append(where);
        return exprs.Concat(rule.Detector switch
        {
            ConditionPlan { Resolve: { } resolve } plan => [plan.When, resolve],
            ConditionPlan plan => [plan.When],
            WindowPlan plan => plan.Select.Select(s => s.Value),
            SilencePlan => [],
            PatternPlan plan => plan.Steps.SelectMany(s => new[] { s.Condition, s.Until }).OfType<Expr>(),
            var other => throw new ArgumentException($"'{other.GetType().Name}' is no plan of one event type."),
        });
    }
}

/// <summary>Puts the plans of rules over C# types together.</summary>
internal static class RuleSource
{
    public static RuleSource<T> Create<T>(
        string name,
        EventShape shape,
        LambdaExpression? by,
        EventOptions<T>? options,
        EventTiming<T> timing,
        DetectorPlan detector)
    {
        var where = options?.Where is { } filter
            ? ExpressionTranslator.Translate(filter, new EventScope(shape, filter.Parameters[0]))
            : null;
        var alert = new AlertPlan(null, [], [], 0, []);
        var rule = new RulePlan(options?.Name ?? name, [shape.Name], [Key(shape, by)], where, [], [], detector, alert);
        return new RuleSource<T>(rule, shape, timing, options?.Late);
    }

    private static ValueList<NamedExpr> Key(EventShape shape, LambdaExpression? by)
    {
        if (by is null)
            return [];
        var translator = new ExpressionTranslator(new EventScope(shape, by.Parameters[0]));
        var parts = ObjectParts.Of(Unboxed(by.Body)).Parts;
        return [.. parts.Select(p => Part(p.Name, translator.Translate(p.Value)))];
    }

    private static NamedExpr Part(string? name, Expr value) =>
        new(name is not null ? ColumnTypes.Name(name) : value is FieldExpr field ? field.Name : "key", value);

    private static Expression Unboxed(Expression e) =>
        e is UnaryExpression { NodeType: ExpressionType.Convert } boxed && e.Type == typeof(object) ? boxed.Operand : e;
}
