using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Schema;

namespace Cep.Rules.Syntax;

internal sealed partial class RuleReader
{
    private static readonly string[] s_afterMatch = ["skip_past_last", "skip_to_next", "no_skip", "skip_to_first",
        "skip_to_last"];

    private DetectorSyntax Pattern()
    {
        if (_reader.Scalar("pattern") is not { } source)
            return NoDetectorSyntax.Instance;
        var (kind, step) = AfterMatch();
        return new PatternSyntax(source, PatternParser.Parse(source, _diagnostics))
        {
            Define = [.. Define()],
            Until = _reader.Expressions("until"),
            WithinMs = Positive("within") ?? 0,
            Matches = (PatternMatches)(_reader.Word("matches") ?? 0),
            Report = PatternReportKind(),
            ReportSource = _reader.Scalar("report"),
            AfterMatch = kind,
            AfterMatchStep = step,
            AfterMatchSource = _reader.Scalar("after_match"),
            OnTimeout = OnTimeout(),
        };
    }

    private PatternReport PatternReportKind()
    {
        if (_reader.Scalar("report") is not { } report || report.Value == "earliest")
            return PatternReport.Earliest;
        if (report.Value != "longest")
            _diagnostics.Error(DiagnosticIds.InvalidValue, report,
                $"A pattern is reported at the earliest or the longest match; not '{report.Value}'.",
                Suggestion.For(report.Value, ["earliest", "longest"]));
        return PatternReport.Longest;
    }

    private (AfterMatchKind Kind, string? Step) AfterMatch()
    {
        if (_reader.Scalar("after_match") is not { } after)
            return (AfterMatchKind.SkipPastLast, null);
        var words = after.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var kind = words.Length == 0 ? -1 : Array.IndexOf(s_afterMatch, words[0]);
        var takesStep = kind is (int)AfterMatchKind.SkipToFirst or (int)AfterMatchKind.SkipToLast;
        if (kind >= 0 && words.Length == (takesStep ? 2 : 1))
            return ((AfterMatchKind)kind, takesStep ? words[1] : null);
        var message = kind < 0 ? $"'after_match' is one of {string.Join(", ", s_afterMatch)}; not '{after.Value}'."
            : takesStep ? $"'{words[0]}' takes the name of a step." : $"'{words[0]}' stands alone.";
        _diagnostics.Error(DiagnosticIds.InvalidValue, after, message, kind < 0 && words.Length > 0
            ? Suggestion.For(words[0], s_afterMatch) : null);
        return (AfterMatchKind.SkipPastLast, null);
    }

    private IEnumerable<StepSyntax> Define()
    {
        foreach (var (name, value) in _reader.Mapping("define")?.Entries ?? [])
        {
            if (!Names.CheckIdentifier(name, _diagnostics))
                continue;
            switch (value)
            {
                case YamlScalar condition:
                    yield return new StepSyntax(name.Value, name, null, null,
                        ExpressionSyntax.Read(condition, _diagnostics));
                    break;
                case YamlMapping step:
                    var reader = new MappingReader(step, RuleFileKeys.Step, _diagnostics);
                    yield return new StepSyntax(name.Value, name, reader.Scalar("on"), reader.Expression("where"),
                        null);
                    break;
                default:
                    _diagnostics.Error(DiagnosticIds.WrongShape, value,
                        $"The step '{name.Value}' takes a condition, or a mapping with 'on' and 'where'.");
                    break;
            }
        }
    }

    private AlertSyntax? OnTimeout()
    {
        if (_reader.Mapping("on_timeout") is not { } timeout)
            return null;
        var reader = new MappingReader(timeout, RuleFileKeys.OnTimeout, _diagnostics);
        return reader.Mapping("alert") is { } alert
            ? Alert(new MappingReader(alert, RuleFileKeys.Alert, _diagnostics)) : AlertSyntax.None;
    }
}
