using Cep.Events;
using Cep.Expressions;
using Cep.Plans;

namespace Cep.Tests.Patterns;

/// <summary>A random pattern, with its conditions as the engine and as the oracle understand them.</summary>
internal sealed class RandomPattern
{
    public static readonly StreamSchema Schema = new(
        "events", [new FieldSchema("ts", DataType.Timestamp), new FieldSchema("k", DataType.String),
            new FieldSchema("v", DataType.Integer),
            new FieldSchema("who", DataType.String)], "ts");

    private static readonly FieldExpr s_k = new(0, 1, "k", DataType.String);
    private static readonly FieldExpr s_v = new(0, 2, "v", DataType.Integer);

    private readonly Random _random;
    private readonly List<PatternStep> _steps = [];
    private readonly HashSet<int> _repeated = [];

    public RandomPattern(int seed)
    {
        _random = new Random(seed);
        var root = Sequence(depth: 2, isRoot: true);
        var matches = _random.Next(5) < 3 ? PatternMatches.One : PatternMatches.All;
        var report = matches == PatternMatches.One && _random.Next(3) == 0 ? PatternReport.Longest
            : PatternReport.Earliest;
        var within = _random.Next(3) == 0 && !NeedsWithin ? 0 : _random.Next(2, 9);
        for (var step = 0; step < _steps.Count; step++)
            if (_repeated.Contains(step) && _random.Next(4) == 0)
                AddUntil(step);
        var after = (AfterMatchKind)_random.Next(5);
        var skipTo = after >= AfterMatchKind.SkipToFirst ? _random.Next(_steps.Count) : -1;
        Plan = new PatternPlan([.. _steps], root, within, matches, report, new AfterMatch(after, skipTo), null);
    }

    public PatternPlan Plan { get; }

    public List<OracleCondition> Fits { get; } = [];

    public List<OracleCondition?> Ends { get; } = [];

    /// <summary>The conditions in words.</summary>
    public List<string> Texts { get; } = [];

    private bool NeedsWithin { get; set; }

    public static List<OracleEvent> Events(int seed)
    {
        var random = new Random(seed);
        var events = new List<OracleEvent>();
        var time = 0L;
        for (var n = random.Next(2, 11); n > 0; n--)
            events.Add(new OracleEvent(time += random.Next(3), "abcx"[random.Next(4)].ToString(), random.Next(1, 5),
                events.Count));
        return events;
    }

    private SequenceNode Sequence(int depth, bool isRoot = false, bool plainStart = false)
    {
        var items = new List<PatternItem>();
        var count = _random.Next(1, isRoot ? 5 : 3);
        if (isRoot && _random.Next(8) == 0)
            items.Add(new PatternItem(PatternLink.Next, Absent()));
        for (var i = 0; i < count; i++)
        {
            if (i > 0 && _random.Next(6) == 0)
                items.Add(new PatternItem(Link(), Absent()));
            items.Add(new PatternItem(Link(), i == 0 && plainStart ? Step() : Element(depth)));
        }

        if (isRoot && _random.Next(5) == 0)
            items.Add(new PatternItem(Link(), Absent()));
        return new SequenceNode([.. items]);
    }

    private AbsentNode Absent()
    {
        NeedsWithin = true;
        return new AbsentNode([.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ => AddStep())]);
    }

    private PatternNode Element(int depth)
    {
        var inner = _random.Next(depth > 0 ? 8 : 5) switch
        {
            < 5 => Step(),
            5 => new AlternativesNode([Member(depth), Member(depth)]),
            6 => new AnyOrderNode([Member(depth), Member(depth)], _random.Next(3) == 0 ? Link() : null),
            _ => (PatternNode)Sequence(depth - 1),
        };
        if (_random.Next(5) < 3)
            return inner;
        var min = _random.Next(3);
        var max = _random.Next(2) == 0 ? int.MaxValue : Math.Max(1, min + _random.Next(3));
        if (inner is StepNode step)
            _repeated.Add(step.Step);
        return new LoopNode(inner, min, max, (LoopMode)_random.Next(3), _random.Next(3) == 0 ? Link() : null);
    }

    private PatternNode Member(int depth) => _random.Next(3) > 0 ? Step() : Sequence(depth - 1, plainStart: true);

    private StepNode Step() => new(_steps.Count > 0 && _random.Next(12) == 0 ? _random.Next(_steps.Count) : AddStep());

    private PatternLink Link()
    {
        var kind = (LinkKind)_random.Next(3);
        return _random.Next(6) switch
        {
            0 => new PatternLink(kind, 0, _random.Next(1, 6)),
            1 => new PatternLink(kind, _random.Next(1, 3), _random.Next(3, 7)),
            _ => new PatternLink(kind),
        };
    }

    private int AddStep()
    {
        var step = _steps.Count;
        var (expr, fits) = Condition(step);
        _steps.Add(new PatternStep(((char)('a' + step)).ToString(), 0, null, expr, null));
        Fits.Add(fits);
        Texts.Add(string.Join(' ', ExprWalker.SelfAndParts(expr).Select(e => e switch
        {
            InExpr among => $"in[{string.Join(',', among.Values)}]",
            StepValueExpr value => $"{value.Which}({value.Step})",
            StepAggregateExpr sum => $"sum({sum.Step})",
            ConstExpr constant => constant.Value,
            BinaryExpr binary => binary.Op,
            _ => ".",
        })));
        Ends.Add(null);
        return step;
    }

    private void AddUntil(int step)
    {
        var (expr, ends) = _random.Next(2) == 0 ? Among("abc"[_random.Next(3)].ToString())
            : Total(step, isTried: false);
        _steps[step] = _steps[step] with { Until = expr };
        Ends[step] = ends;
    }

    private (Expr Expr, OracleCondition Fits) Condition(int step)
    {
        var (expr, fits) = _random.Next(6) switch
        {
            0 => (ConstExpr.True, (_, _, _) => true),
            1 => Among("ab"),
            2 => Among("bc"),
            _ => Among("abc"[_random.Next(3)].ToString()),
        };
        if (_random.Next(3) > 0)
            return (expr, fits);
        var (more, also) = _random.Next(4) switch
        {
            0 => Above(_random.Next(step + 1), StepEvent.First),
            1 => Above(_random.Next(step + 1), StepEvent.Last),
            2 => Above(step, StepEvent.Previous),
            _ => Total(step, isTried: true),
        };
        return (new BinaryExpr(BinaryOp.And, expr, more, DataType.Bool), (e, all, taken) =>
            fits(e, all, taken) && also(e, all, taken));
    }

    private static (Expr Expr, OracleCondition Fits) Among(string letters) =>
        (new InExpr(s_k, [.. letters.Select(l => (object)l.ToString())], false), (e, _, _) =>
            letters.Contains(e.K, StringComparison.Ordinal));

    /// <summary>v >= one of the values of a step's events.</summary>
    private (Expr Expr, OracleCondition Fits) Above(int step, StepEvent which)
    {
        var self = _steps.Count;
        return (new BinaryExpr(BinaryOp.GreaterOrEqual, s_v, new StepValueExpr(step, which, s_v), DataType.Bool),
            (e, all, taken) =>
        {
            List<long> values = [.. taken.Where(t => t.Step == step).Select(t => all[t.Event].V)];
            if (step == self)
                values.Add(e.V);
            return which switch
            {
                StepEvent.First => values.Count > 0 && e.V >= values[0],
                StepEvent.Last => values.Count > 0 && e.V >= values[^1],
                _ => values.Count > 1 && e.V >= values[^2],
            };
        });
    }

    /// <summary>sum(step.v) against a number, the event being tried counted in or not.</summary>
    private (Expr Expr, OracleCondition Fits) Total(int step, bool isTried)
    {
        var bound = (long)_random.Next(4, 9);
        var sum = new StepAggregateExpr(step, new AggregateExpr(AggregateKind.Sum, s_v, 0, AggregateRange.Group,
            DataType.Integer));
        var op = isTried ? BinaryOp.LessOrEqual : BinaryOp.GreaterOrEqual;
        return (new BinaryExpr(op, sum, new ConstExpr(bound, DataType.Integer), DataType.Bool), (e, all, taken) =>
        {
            List<long> values = [.. taken.Where(t => t.Step == step).Select(t => all[t.Event].V)];
            if (isTried)
                values.Add(e.V);
            return values.Count > 0 && (isTried ? values.Sum() <= bound : values.Sum() >= bound);
        });
    }
}
