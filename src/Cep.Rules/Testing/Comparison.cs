using Cep.Plans;
using System.Globalization;
using Cep.Alerts;
using Cep.Rules.Syntax;

namespace Cep.Rules.Testing;

/// <summary>What an expectation asks for, and what an alert says to it.</summary>
internal sealed record Aspect(string Name, string Expected, string Actual, bool IsEqual);

/// <summary>Compares an expectation with an alert, or shows an alert by itself.</summary>
internal static class Comparison
{
    /// <param name="expected">What is expected.</param>
    /// <param name="actual">The alert.</param>
    /// <param name="matched">For each step the indexes into given of the alert's events.</param>
    public static IEnumerable<Aspect> Of(
        Expectation expected, Alert actual, Func<Alert, IReadOnlyList<StepEvents>> matched)
    {
        if (expected.Rule is { } rule)
            yield return Text("rule", rule, actual.Rule);
        if (expected.AtMs is { } at)
            yield return Time("at", at, actual.AtMs);
        if (expected.Status is { } status)
            yield return Text("status", Word(status), Word(actual.Status));
        if (expected.Severity is { } severity)
            yield return Text("severity", Word(severity), Word(actual.Severity));
        if (expected.HasKey)
            yield return new Aspect("key", TestValue.Format(expected.Key), Key(actual),
                KeyMatches(expected.Key, actual.Key));
        if (expected.StartMs is { } start)
            yield return Time("window.start", start, actual.Window?.StartMs);
        if (expected.EndMs is { } end)
            yield return Time("window.end", end, actual.Window?.EndMs);
        if (expected.Revision is { } revision)
            yield return new Aspect("revision", TestValue.Format(revision), TestValue.Format(actual.Revision),
                revision == actual.Revision);
        if (expected.Matched is { } steps)
            yield return Steps(steps, matched(actual));
        if (expected.Message is { } message)
            yield return Text("message", message, actual.Message);
        foreach (var (name, value) in expected.Fields)
            yield return Field(name, value, actual);
        foreach (var (name, value) in expected.Labels)
            yield return Text($"labels.{name}", value, actual.Labels.FirstOrDefault(l => l.Key == name).Value
                ?? "(none)");
    }

    /// <summary>All that an alert says.</summary>
    public static IEnumerable<(string Name, string Value)> Show(
        Alert alert, IReadOnlyList<StepEvents> matched)
    {
        yield return ("rule", alert.Rule);
        yield return ("at", TimeText.Format(alert.AtMs));
        yield return ("status", Word(alert.Status));
        if (alert.Key.Count > 0)
            yield return ("key", Key(alert));
        if (alert.Window is { } window)
            yield return ("window",
                $"{{start: {TimeText.Format(window.StartMs)}, end: {TimeText.Format(window.EndMs)}}}");
        if (alert.Revision is > 0 and var revision)
            yield return ("revision", revision.ToString(CultureInfo.InvariantCulture));
        if (matched.Count > 0)
            yield return ("matched", Format(matched));
        foreach (var (name, value) in alert.Fields)
            yield return ($"fields.{name}", TestValue.Format(value));
        yield return ("message", alert.Message);
    }

    /// <summary>One expectation by itself, in the same terms.</summary>
    public static IEnumerable<(string Name, string Value)> Show(Expectation expected) =>
        Of(expected, s_nothing, static _ => []).Select(a => (a.Name, a.Expected));

    private static readonly Alert s_nothing = new()
    {
        Id = "",
        Rule = "",
        AtMs = 0,
        Status = AlertStatus.Firing,
        Severity = Plans.Severity.Info,
        Key = [],
        Message = "",
        Labels = [],
        Fields = [],
        Evidence = [],
    };

    private static Aspect Text(string name, string expected, string actual) =>
        new(name, expected, actual, expected == actual);

    private static Aspect Time(string name, long expected, long? actual) =>
        new(name, TimeText.Format(expected), actual is { } time ? TimeText.Format(time) : "(none)", expected == actual);

    private static Aspect Field(string name, object? expected, Alert actual)
    {
        foreach (var (field, value) in actual.Fields)
            if (field == name)
                return new Aspect($"fields.{name}", TestValue.Format(expected), TestValue.Format(value),
                    TestValue.Matches(expected, value));
        return new Aspect($"fields.{name}", TestValue.Format(expected), "(none)", false);
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static string Key(Alert alert) => alert.Key switch
    {
        [] => "null",
        [var (_, single)] => TestValue.Format(single),
        var parts => TestValue.Format(parts),
    };

    private static bool KeyMatches(object? expected, IReadOnlyList<KeyValuePair<string, object?>> key) =>
        expected switch
        {
            Dictionary<string, object?> byName => byName.Count == key.Count
                && key.All(p => byName.TryGetValue(p.Key, out var value) && TestValue.Matches(value, p.Value)),
            object?[] parts when key is not [{ Value: IReadOnlyList<object?> }] =>
                parts.Length == key.Count && parts.Zip(key).All(p => TestValue.Matches(p.First, p.Second.Value)),
            null when key.Count == 0 => true,
            _ => key is [var (_, only)] && TestValue.Matches(expected, only),
        };

    /// <summary>
    /// A step's events are compared as a set: their order is that of time, which a list of places need not repeat.
    /// </summary>
    private static Aspect Steps(IReadOnlyList<StepEvents> expected, IReadOnlyList<StepEvents> actual)
    {
        var wanted = expected.Where(s => s.Given.Count > 0).ToDictionary(s => s.Step, s => s.Given);
        var equal = wanted.Count == actual.Count
            && actual.All(s =>
                wanted.TryGetValue(s.Step, out var indexes) && indexes.Order().SequenceEqual(s.Given.Order()));
        return new Aspect("matched", Format(expected), Format(actual), equal);
    }

    private static string Format(IEnumerable<StepEvents> steps) =>
        $"{{{string.Join(", ", steps.Select(s => $"{s.Step}: [{string.Join(", ", s.Given)}]"))}}}";
}
