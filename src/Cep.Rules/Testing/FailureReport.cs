using System.Text;
using Cep.Alerts;

namespace Cep.Rules.Testing;

/// <summary>Compares the alerts of a test with those expected and tells the difference.</summary>
internal sealed class FailureReport(
    RuleTest test, IReadOnlyList<Alert> alerts, Func<Alert, IReadOnlyList<StepEvents>> matched)
{
    private const int MostAlertsShown = 10;
    private const int WidestColumn = 60;

    private readonly StringBuilder _text = new();

    /// <summary>The difference, or null where there is none.</summary>
    public string? Create()
    {
        var expected = test.Expectations;
        var assigned = Assignment.Of(expected.Count, alerts.Count,
            (e, a) => Comparison.Of(expected[e], alerts[a], matched).All(x => x.IsEqual));
        List<Expectation> missing = [.. expected.Where((_, i) => assigned[i] < 0)];
        List<Alert> left = [.. alerts.Where((_, i) => !assigned.Contains(i)).OrderBy(a => a.AtMs)
            .ThenBy(a => a.Rule, StringComparer.Ordinal)];
        if (missing.Count == 0 && (left.Count == 0 || !test.IsComplete))
            return null;
        _text.Append($"{expected.Count - missing.Count} of {expected.Count} expected alerts are there");
        _text.Append(test.IsComplete ? $", {left.Count} others too.\n" : ".\n");
        foreach (var expectation in missing.Take(MostAlertsShown))
            Missing(expectation, left);
        foreach (var alert in (test.IsComplete ? left : []).Take(MostAlertsShown))
            Rows([.. Comparison.Show(alert, matched(alert)).Select(a => new Aspect(a.Name, "", a.Value, false))],
                "(not expected)", null);
        for (var i = 0; i < test.Given.Count; i++)
            if (test.Given[i] is GivenEvent { Rejection: { } reason } given)
                _text.Append($"  given[{i}] is no event of '{given.Stream}': {reason}\n");
        return _text.ToString().TrimEnd('\n');
    }

    /// <summary>Shows an expectation beside the alert that comes nearest to it.</summary>
    private void Missing(Expectation expectation, List<Alert> left)
    {
        var nearest = left.Where(a => expectation.Rule is null || a.Rule == expectation.Rule)
            .MaxBy(a => Comparison.Of(expectation, a, matched).Count(x => x.IsEqual));
        if (nearest is null)
        {
            Rows([.. Comparison.Show(expectation).Select(a => new Aspect(a.Name, a.Value, "", false))], null,
                "(no such alert)");
            return;
        }

        left.Remove(nearest);
        Rows([.. Comparison.Of(expectation, nearest, matched)], null, null);
    }

    private void Rows(IReadOnlyList<Aspect> aspects, string? expectedNote, string? actualNote)
    {
        string Left(Aspect a) => a.Expected.Length == 0 ? "" : $"{a.Name}: {a.Expected}";
        string Right(Aspect a) => a.Actual.Length == 0 ? "" : $"{a.Name}: {a.Actual}";
        var width = Math.Min(WidestColumn,
            aspects.Select(a => Left(a).Length).Append(expectedNote?.Length ?? 0).Append("expected".Length).Max());
        _text.Append("    ").Append("expected".PadRight(width)).Append("  actual\n");
        if (aspects.Count == 0 || expectedNote is not null || actualNote is not null)
            _text.Append($"    {(expectedNote ?? "").PadRight(width)}  {actualNote}".TrimEnd()).Append('\n');
        foreach (var aspect in aspects)
        {
            var isDifferent = !aspect.IsEqual && expectedNote is null && actualNote is null;
            var line = $"  {(isDifferent ? '!' : ' ')} {Left(aspect).PadRight(width)}  {Right(aspect)}";
            _text.Append(line.TrimEnd()).Append('\n');
        }
    }
}
