using Cep.Events;
using Cep.Plans;
using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>Reads the text of <c>window</c>.</summary>
internal sealed class WindowParser
{
    private const string Forms =
        "tumbling 5m | hopping 5m every 1m | session gap 30s [max 1h] | count 100 | day|week|month [in Europe/Berlin]";

    private static readonly string[] s_kinds = ["tumbling", "hopping", "session", "count", "day", "week", "month"];

    private readonly YamlScalar _source;
    private readonly DiagnosticBag _diagnostics;
    private readonly List<TextSpan> _words = [];
    private int _next;

    private WindowParser(YamlScalar source, DiagnosticBag diagnostics)
    {
        _source = source;
        _diagnostics = diagnostics;
        for (var at = 0; at < source.Value.Length; at++)
        {
            if (char.IsWhiteSpace(source.Value[at]))
                continue;
            var start = at;
            while (at < source.Value.Length && !char.IsWhiteSpace(source.Value[at]))
                at++;
            _words.Add(new TextSpan(start, at));
        }
    }

    /// <summary>The kind of window, or null where the text is none (reported).</summary>
    public static WindowKind? Parse(YamlScalar source, long? offsetMs, DiagnosticBag diagnostics)
    {
        var parser = new WindowParser(source, diagnostics);
        var kind = parser.Kind(offsetMs ?? 0);
        if (kind is null)
            return null;
        if (parser._next < parser._words.Count)
            return parser.Fail($"'{parser.Word}' does not belong here.");
        if (offsetMs is not null && kind is SessionWindow or CountWindow)
            return parser.Fail("Only windows that are aligned to the clock have an offset.", word: 0);
        return kind;
    }

    private string Word => _next < _words.Count ? _source.Value[_words[_next].Start.._words[_next].End] : "";

    private WindowKind? Kind(long offset)
    {
        var kind = Word;
        _next++;
        switch (kind)
        {
            case "tumbling":
                return Duration() is { } size ? new HoppingWindow(size, size, offset) : null;
            case "hopping":
                return Duration() is { } length && Expect("every") && Duration() is { } step
                    ? new HoppingWindow(length, step, offset)
                    : null;
            case "session":
                return Expect("gap") && Duration() is { } gap ? Session(gap) : null;
            case "count":
                return Count();
            case "day" or "week" or "month":
                var unit = kind switch
                {
                    "day" => CalendarUnit.Day,
                    "week" => CalendarUnit.Week,
                    _ => CalendarUnit.Month
                };
                return Zone() is { } zone ? new CalendarWindow(unit, zone, offset) : null;
            default:
                _next = 0;
                return Fail(kind.Length == 0
                    ? "A window is missing."
                    : $"'{kind}' is no kind of window.", Suggestion.For(kind, s_kinds));
        }
    }

    private SessionWindow? Session(long gap)
    {
        if (_next >= _words.Count)
            return new SessionWindow(gap, 0);
        return Expect("max") && Duration() is { } max ? new SessionWindow(gap, max) : null;
    }

    private WindowKind? Count()
    {
        if (!int.TryParse(Word, System.Globalization.NumberStyles.None,
            System.Globalization.CultureInfo.InvariantCulture, out var size) || size < 1)
            return Fail($"Expected a number of events, found {Described}.");
        _next++;
        return new CountWindow(size);
    }

    private string? Zone()
    {
        if (_next >= _words.Count)
            return "UTC";
        if (!Expect("in"))
            return null;
        var zone = Word;
        if (TimeZones.Problem(zone) is { } problem)
        {
            var span = _next < _words.Count ? _words[_next] : new TextSpan(_source.Value.Length, _source.Value.Length);
            _diagnostics.Error(DiagnosticIds.UnknownTimeZone, _source.Source, _source.At(span.Start, span.Length),
                problem.Message, problem.Hint);
            return null;
        }

        _next++;
        return zone;
    }

    private long? Duration()
    {
        if (!DurationText.TryParse(Word, out var milliseconds) || milliseconds <= 0)
        {
            Fail($"Expected a duration such as 5m, found {Described}.");
            return null;
        }

        _next++;
        return milliseconds;
    }

    private bool Expect(string word)
    {
        if (Word != word)
        {
            Fail($"Expected '{word}', found {Described}.");
            return false;
        }

        _next++;
        return true;
    }

    private string Described => _next < _words.Count ? $"'{Word}'" : "the end";

    private WindowKind? Fail(string message, string? hint = null, int? word = null)
    {
        var at = word ?? _next;
        var span = at < _words.Count ? _words[at] : new TextSpan(_source.Value.Length, _source.Value.Length);
        _diagnostics.Error(DiagnosticIds.InvalidValue, _source.Source, _source.At(span.Start, span.Length), message,
            hint ?? $"the forms are {Forms}");
        return null;
    }
}
