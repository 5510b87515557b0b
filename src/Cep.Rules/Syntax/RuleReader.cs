using Cep.Events;
using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Schema;

namespace Cep.Rules.Syntax;

/// <summary>Reads a rule.</summary>
internal sealed partial class RuleReader
{
    private static readonly string[] s_detectors = ["when", "pattern", "window", "silent"];

    /// <summary>The keys that go with some detectors only.</summary>
    private static readonly Dictionary<string, string[]> s_detectorKeys = new()
    {
        ["for"] = ["when"],
        ["resolve"] = ["when"],
        ["trigger"] = ["when"],
        ["every"] = ["when"],
        ["within"] = ["pattern"],
        ["define"] = ["pattern"],
        ["until"] = ["pattern"],
        ["matches"] = ["pattern"],
        ["after_match"] = ["pattern"],
        ["on_timeout"] = ["pattern"],
        ["report"] = ["window", "pattern"],
        ["select"] = ["window"],
        ["allowed_lateness"] = ["window"],
        ["offset"] = ["window"],
        ["expect"] = ["silent"],
    };

    private readonly MappingReader _reader;
    private readonly DiagnosticBag _diagnostics;

    private RuleReader(MappingReader reader)
    {
        _reader = reader;
        _diagnostics = reader.Diagnostics;
    }

    /// <summary>The rule, or null where it has no id to go by.</summary>
    public static RuleSyntax? Read(YamlMapping node, YamlMapping? defaults, DiagnosticBag diagnostics)
    {
        var errors = diagnostics.ErrorCount;
        var reader = new MappingReader(node, RuleFileKeys.Rule, diagnostics, defaults);
        return reader.Scalar("rule") is { } id ? new RuleReader(reader).Read(id, errors) : null;
    }

    private RuleSyntax Read(YamlScalar id, int errors)
    {
        Names.Check(id, dashes: true, _diagnostics);
        var rule = new RuleSyntax(id, On(), Detector(id))
        {
            Description = _reader.Scalar("description")?.Value ?? "",
            Severity = (Severity)(_reader.Word("severity") ?? (int)Severity.Medium),
            Mode = (RuleMode)(_reader.Word("mode") ?? 0),
            Tags = [.. _reader.Scalars("tags").Select(t => t.Value)],
            By = KeyParts(_reader.Node("by")),
            Where = _reader.Expression("where"),
            Let = _reader.Expressions("let"),
            Except = Exceptions(),
            Alert = Alert(),
            Emit = _reader.Name("emit"),
        };
        return rule with { IsSound = errors == _diagnostics.ErrorCount };
    }

    private YamlScalar? On()
    {
        switch (_reader.Node("on"))
        {
            case YamlScalar { IsNull: false } stream:
                return stream;
            case YamlMapping join:
                _ = new MappingReader(join, RuleFileKeys.Join, _diagnostics);
                YamlNode place = join.Entries is [var first, ..] ? first.Key : join;
                _diagnostics.Error(DiagnosticIds.NotSupported, place, "Joins are not supported by this version.");
                return null;
            case null:
                _diagnostics.Error(DiagnosticIds.MissingKey, _reader.Scalar("rule")!, "This rule has no 'on'.",
                    "the stream that the rule reads");
                return null;
            case var other:
                _diagnostics.Error(DiagnosticIds.WrongShape, other, "'on' takes the name of a stream, or a join.");
                return null;
        }
    }

    private DetectorSyntax Detector(YamlScalar id)
    {
        var detector = FindDetector(id);
        if (detector is null)
            return NoDetectorSyntax.Instance;
        foreach (var (key, detectors) in s_detectorKeys)
            if (_reader.OwnKey(key) is { } own && !detectors.Contains(detector))
                _diagnostics.Error(DiagnosticIds.DetectorMismatch, own,
                    $"'{key}' goes with {Join(detectors, "and")}, not with '{detector}'.");
        return detector switch
        {
            "when" => Condition(),
            "window" => Window(),
            "silent" => Silence(),
            _ => Pattern(),
        };
    }

    private string? FindDetector(YamlScalar id)
    {
        var found = s_detectors.Where(_reader.Has).ToList();
        // in a window rule, when is the condition over the selected values
        if (found is ["when", "window"])
            found.Remove("when");
        if (found.Count == 1)
            return found[0];
        if (found.Count == 0)
            _diagnostics.Error(DiagnosticIds.DetectorMismatch, id,
                "A rule has one of 'when', 'pattern', 'window' and 'silent'; this one has none.");
        else
            _diagnostics.Error(DiagnosticIds.DetectorMismatch, _reader.OwnKey(found[1])!,
                $"A rule has one detector; this one has {Join([.. found], "and")}.");
        return null;
    }

    private DetectorSyntax Condition()
    {
        var when = _reader.Expression("when");
        var resolve = _reader.Expression("resolve");
        var hold = _reader.Duration("for") ?? 0;
        var rising = _reader.Word("trigger") is not null;
        if (rising && (hold > 0 || resolve is not null) && _reader.OwnKey("trigger") is { } trigger)
            _diagnostics.Error(DiagnosticIds.DetectorMismatch, trigger,
                "'trigger: rising' is for conditions without a state; "
                + "with 'for' or 'resolve' an alert fires once anyhow.");
        return when is null
            ? NoDetectorSyntax.Instance
            : new ConditionSyntax(when, hold, resolve, rising, Positive("every") ?? 0);
    }

    private WindowSyntax Window()
    {
        var offset = _reader.Duration("offset");
        var (report, every) = Report();
        var lateness = _reader.Duration("allowed_lateness") ?? 0;
        var (select, when) = (_reader.Expressions("select"), _reader.Expression("when"));
        // with any kind in place of one that cannot be read, the rest is still checked as that of a window
        var kind = _reader.Scalar("window") is { } text ? WindowParser.Parse(text, offset, _diagnostics) : null;
        kind ??= new CountWindow(1);
        return new WindowSyntax(kind, select, when, report, every, lateness);
    }

    private (WindowReport Report, long EveryMs) Report()
    {
        if (_reader.Scalar("report") is not { } report)
            return (WindowReport.Close, 0);
        switch (report.Value)
        {
            case "close":
                return (WindowReport.Close, 0);
            case "update":
                return (WindowReport.Update, 0);
        }

        if (report.Value.StartsWith("every ", StringComparison.Ordinal)
            && DurationText.TryParse(report.Value.AsSpan(6).Trim(), out var every) && every > 0)
            return (WindowReport.Every, every);
        _diagnostics.Error(DiagnosticIds.InvalidValue, report,
            $"A window is reported at close, every 10s (some duration), or at each update; not '{report.Value}'.",
            Suggestion.For(report.Value, ["close", "update"]));
        return (WindowReport.Close, 0);
    }

    private DetectorSyntax Silence()
    {
        if (_reader.OwnKey("expect") is { } expect)
            _diagnostics.Error(DiagnosticIds.NotSupported, expect, "'expect' is not supported by this version.");
        return Positive("silent") is { } silent ? new SilenceSyntax(silent) : NoDetectorSyntax.Instance;
    }

    private long? Positive(string key)
    {
        var duration = _reader.Duration(key);
        if (duration != 0)
            return duration;
        _diagnostics.Error(DiagnosticIds.InvalidValue, _reader.Scalar(key)!, $"'{key}' must be longer than nothing.");
        return null;
    }

    private AlertSyntax Alert()
    {
        var mapping = _reader.Mapping("alert");
        // rules add to the defaults' alert key by key: a default label set must not be repeated to write a message
        var defaults = _reader.Default("alert") as YamlMapping;
        if ((mapping ?? defaults) is not { } node)
            return AlertSyntax.None;
        var reader = new MappingReader(node, RuleFileKeys.Alert, _diagnostics, ReferenceEquals(node, defaults) ? null
            : defaults);
        return Alert(reader);
    }

    private AlertSyntax Alert(MappingReader reader)
    {
        var message = reader.Scalar("message");
        var dedupe = reader.Duration("dedupe");
        if (dedupe == 0 && reader.Scalar("dedupe") is { } zero)
            _diagnostics.Warning(DiagnosticIds.NoEffect, zero.Source, zero.Span, "'dedupe: 0' holds nothing back.");
        return new AlertSyntax(
            message is null
                ? null
                : new TemplateParser(message, _diagnostics).Parse(), [.. Labels(reader)], reader.Expressions("fields"),
            dedupe ?? 0, KeyParts(reader.Node("key")));
    }

    private IEnumerable<(string Name, TemplateSyntax Value)> Labels(MappingReader reader)
    {
        foreach (var (key, value) in reader.Mapping("labels")?.Entries ?? [])
        {
            if (value is YamlScalar text)
                yield return (key.Value, new TemplateParser(text, _diagnostics).Parse());
            else
                _diagnostics.Error(DiagnosticIds.WrongShape, value, $"The label '{key.Value}' takes a text.");
        }
    }

    private IReadOnlyList<KeyPartSyntax> KeyParts(YamlNode? node)
    {
        var parts = new List<KeyPartSyntax>();
        switch (node)
        {
            case null or YamlScalar { IsNull: true }:
                break;
            case YamlScalar single:
                parts.Add(KeyPart(single));
                break;
            case YamlSequence sequence:
                foreach (var item in sequence.Items)
                    AddPart(item, null, parts);
                break;
            case YamlMapping mapping:
                foreach (var (name, value) in mapping.Entries)
                    AddPart(value, name.Value, parts);
                break;
        }

        for (var i = 1; i < parts.Count; i++)
            if (parts.FindIndex(p => p.Name == parts[i].Name) < i)
                _diagnostics.Error(DiagnosticIds.DuplicateDeclaration, parts[i].Value.Source,
                    $"The key has two parts '{parts[i].Name}'.");
        return parts;
    }

    private void AddPart(YamlNode node, string? name, List<KeyPartSyntax> parts)
    {
        if (node is not YamlScalar scalar)
            _diagnostics.Error(DiagnosticIds.WrongShape, node, "A part of a key is an expression.");
        else
            parts.Add(name is null
                ? KeyPart(scalar)
                : new KeyPartSyntax(name, ExpressionSyntax.Read(scalar, _diagnostics)));
    }

    private KeyPartSyntax KeyPart(YamlScalar scalar) =>
        new(scalar.Value.Trim(), ExpressionSyntax.Read(scalar, _diagnostics));

    private List<ExceptSyntax> Exceptions()
    {
        var exceptions = new List<ExceptSyntax>();
        foreach (var node in _reader.Mappings("except"))
        {
            var why = node.Find("why")?.Value as YamlScalar;
            var until = node.Find("until")?.Value as YamlScalar;
            if (why is null || why.Value.Length == 0 || until is null)
            {
                _diagnostics.Error(DiagnosticIds.EndlessException, node,
                    "An exception says why it is made and when it ends.",
                    "add why: \"…\" and until: a date such as 2027-01-31");
                continue;
            }

            // a number here is a forgotten month, not an instant
            var end = 0L;
            if (until.Resolve() is not string instant || !TimeText.TryParse(instant, out end))
                _diagnostics.Error(DiagnosticIds.InvalidValue, until,
                    $"'{until.Value}' is neither a date nor an instant.", "write 2027-01-31, or 2027-01-31T12:00Z");
            List<YamlEntry> fields = [.. node.Entries.Where(e => e.Key.Value is not ("why" or "until"))];
            if (fields.Count == 0)
                _diagnostics.Error(DiagnosticIds.MissingKey, node,
                    "An exception names a field and the values that are left out.");
            exceptions.Add(new ExceptSyntax(node, fields, why.Value, end));
        }

        return exceptions;
    }

    private static string Join(string[] words, string conjunction) => words.Length == 1
        ? $"'{words[0]}'"
        : $"{string.Join(", ", words[..^1].Select(w => $"'{w}'"))} {conjunction} '{words[^1]}'";
}
