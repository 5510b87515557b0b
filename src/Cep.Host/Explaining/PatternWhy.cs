using Cep.Alerts;
using Cep.Detection.Patterns;
using Cep.Expressions;
using Cep.Host.Rules;
using Cep.Plans;

namespace Cep.Host.Explaining;

/// <summary>Why a pattern matched, or how far it came and what kept it from going on.</summary>
internal sealed class PatternWhy
{
    private readonly LabelledLines _text;
    private readonly PatternPlan _pattern;
    private readonly List<KeyEvent> _events;
    private readonly PatternTrace _trace;
    private readonly ExprText _exprs;

    private PatternWhy(LabelledLines text, PatternPlan pattern, List<KeyEvent> events, PatternTrace trace)
    {
        (_text, _pattern, _events, _trace) = (text, pattern, events, trace);
        _exprs = PatternLines.Exprs(pattern);
    }

    /// <summary>The parts of the steps' conditions that only an engine can work out.</summary>
    public static IReadOnlyList<Expr> Watched(PatternPlan pattern) =>
    [
        .. pattern.Steps.Where(s => s.Input == 0).SelectMany(s => new[] { s.Where, s.Condition, s.Until })
            .OfType<Expr>().SelectMany(ExprWalker.SelfAndParts).Where(ExprWalker.IsComputed).Distinct(),
    ];

    public static void Add(
        LabelledLines text, EnginePlan plan, RulePlan rule, PatternPlan pattern, List<KeyEvent> events,
        IReadOnlyList<Expr> watched, Alert? match, List<Alert> fired)
    {
        text.Add("pattern", PatternText.Of(pattern));
        if (pattern.WithinMs > 0)
            text.Add("within", PlanText.DurationOf(pattern.WithinMs));
        if (match is not null)
        {
            foreach (var taken in match.Evidence)
            {
                var e = new KeyEvent(0, taken.TimeMs, taken.Batch, taken.Row, [], null);
                text.Add("taken", $"{taken.Step}: {ShownText.TimeAndEvent(e)}");
            }

            return;
        }

        var schemas = rule.Inputs.Select(i => plan.Streams.First(s => s.Schema.Name == i).Schema).ToArray();
        var trace = new PatternTrace(pattern, schemas, events, watched);
        var why = new PatternWhy(text, pattern, events, trace);

        // what an earlier match has taken begins no other
        var used = fired.Count > 0 ? fired[^1].Evidence.Max(e => e.TimeMs) : long.MinValue;
        var from = events.FindIndex(e => e.AtMs > used);
        var furthest = from < 0 ? null : trace.Furthest(from);
        if (furthest is null)
            why.NotBegun(Math.Max(from, 0));
        else
            why.Stopped(furthest);
    }

    private void NotBegun(int from)
    {
        _text.Add("furthest", "no partial match: no event fits the first step");
        foreach (var step in _trace.Automaton.States[0].Options.Select(o => o.Step).Distinct())
        {
            _text.Add("waiting", $"for {_pattern.Steps[step].Name}");
            Failing(step, from, 0, long.MaxValue);
        }
    }

    private void Stopped(PatternTrace.Partial partial)
    {
        var label = "furthest";
        foreach (var (step, number) in partial.Taken)
        {
            _text.Add(label, $"{_pattern.Steps[step].Name}: {Shown(number)}");
            label = "";
        }

        var steps = new HashSet<int>();
        foreach (var option in _trace.Automaton.States[partial.State].Options)
            if (option.IsAccept)
                Absence(partial, option);
            else if (steps.Add(option.Step))
                Waiting(partial, option);
    }

    private void Absence(PatternTrace.Partial partial, PatternOption option)
    {
        if (option.Negations.Length == 0)
        {
            _text.Add("complete", "all steps have their events: `report` and `after_match` decide what is told");
            return;
        }

        var names = Names(option, " and no ");
        _text.Add("waiting", $"for time to pass with no {names}");
        if (_trace.ForbiddenBy(partial, option) is >= 0 and var number)
            Forbidden(option, number);
        else if (option.Negations.Max(n => UntilMs(partial, n.Before)) is < long.MaxValue and var due)
            _text.Add("due", ShownText.Time(due));
    }

    private void Forbidden(PatternOption option, int number)
    {
        var names = Names(option, " or ");
        _text.Add("ended", $"by {names}: {Shown(number)}");
    }

    private void Waiting(PatternTrace.Partial partial, PatternOption option)
    {
        _text.Add("waiting", $"for {PatternLines.OptionText(_pattern, option)}");
        if (_trace.ForbiddenBy(partial, option) is >= 0 and var number)
        {
            Forbidden(option, number);
            return;
        }

        var untilMs = UntilMs(partial, option.Link);
        for (var later = partial.Last + 1; later < _events.Count; later++)
        {
            if (!_trace.Fits(option.Step, later, partial.Link))
                continue;
            if (OutOfTime(partial, option, later, untilMs))
                return;
            break;
        }

        Failing(option.Step, partial.Last + 1, partial.Link, untilMs);
    }

    /// <summary>When a link and the whole pattern have no more time.</summary>
    private long UntilMs(PatternTrace.Partial partial, PatternLink link) => Math.Min(
        Plus(_events[partial.Last].AtMs, link.ToMs),
        Plus(_events[partial.First].AtMs, _pattern.WithinMs > 0 ? _pattern.WithinMs : long.MaxValue));

    /// <summary>Tells of an event that fits but came too early or too late; false: it came in time.</summary>
    private bool OutOfTime(PatternTrace.Partial partial, PatternOption option, int number, long untilMs)
    {
        var atMs = _events[number].AtMs;
        var elapsed = atMs - _events[partial.Last].AtMs;
        var name = _pattern.Steps[option.Step].Name;
        var shown = $"{name} came at {Shown(number)}";
        var then = _trace.ToGo(option.Target) == 0 ? "would have fired" : "would have let it go on";
        if (elapsed < option.Link.FromMs)
        {
            _text.Add("early", shown);
            var missing = PlanText.DurationOf(option.Link.FromMs - elapsed);
            _text.Add("", $"{missing} too early for {PatternText.Of(option.Link)}");
            return true;
        }

        if (atMs <= untilMs)
        {
            if (option.Link.Kind != LinkKind.Directly || number == partial.Last + 1)
                return false;
            _text.Add("between", $"{shown}, but not directly: `->` in place of `>` {then}");
            return true;
        }

        _text.Add("late", shown);
        var total = atMs - _events[partial.First].AtMs;
        var remedies = new List<string>();
        if (_pattern.WithinMs > 0 && total > _pattern.WithinMs)
            remedies.Add($"`within: {PlanText.DurationOf(total)}`");
        if (elapsed > option.Link.ToMs)
            remedies.Add($"`{PatternText.Of(option.Link with { ToMs = elapsed })}`");
        _text.Add(
            "", $"expired {PlanText.DurationOf(atMs - untilMs)} earlier; {string.Join(" and ", remedies)} {then}");
        return true;
    }

    /// <summary>Of the events that were tried for a step the one that came nearest, and what it failed by.</summary>
    private void Failing(int step, int from, int link, long untilMs)
    {
        var parts = new ConditionParts(PatternTrace.ConditionOf(_pattern.Steps[step]));
        var all = parts.All;
        var (nearest, most, tried) = (-1, -1, 0);
        object?[] values = [];
        for (var number = from; number < _events.Count && _events[number].AtMs <= untilMs; number++)
        {
            if (_events[number].Input != _pattern.Steps[step].Input)
                continue;
            tried++;
            var at = _trace.Values(all, step, number, link);
            if (parts.Held(at) <= most)
                continue;
            (nearest, most, values) = (number, parts.Held(at), at);
        }

        if (nearest < 0)
        {
            var until = untilMs == long.MaxValue ? "" : $" before it expires at {ShownText.Time(untilMs)}";
            _text.Add("", $"no event of the key comes{until}");
            return;
        }

        _text.Add("nearest", $"{Shown(nearest)}, of {tried} tried");
        foreach (var line in parts.Lines(values, _exprs.Text))
            _text.Add("", line);
        if (untilMs != long.MaxValue)
            _text.Add("expires", ShownText.Time(untilMs));
    }

    private string Shown(int number) => ShownText.TimeAndEvent(_events[number]);

    private string Names(PatternOption option, string between) =>
        string.Join(between, option.Negations.SelectMany(n => n.Steps).Select(s => _pattern.Steps[s].Name));

    private static long Plus(long timeMs, long ms) => ms > long.MaxValue - timeMs ? long.MaxValue : timeMs + ms;
}
