using System.Globalization;
using Cep.Events;
using Cep.Rules.Syntax;

namespace Cep.Rules.Testing;

/// <summary>Compares values of alerts with what tests write for them, and shows both alike.</summary>
internal static class TestValue
{
    private const double Tolerance = 1e-9;

    /// <param name="expected">As YAML says it: bool, long, double, string, object?[], Dictionary or null.</param>
    /// <param name="actual">As alerts hold it.</param>
    public static bool Matches(object? expected, object? actual) => (expected, actual) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (_, DateTimeOffset time) => TimeText.TryParse(expected, out var ms) && ms == time.ToUnixTimeMilliseconds(),
        (string text, TimeSpan duration) => DurationText.TryParse(text, out var ms) && ms == duration.TotalMilliseconds,
        (long ms, TimeSpan duration) => ms == duration.TotalMilliseconds,
        (string text, long ms) => TimeText.TryParse(text, out var time) && time == ms,
        (long a, long b) => a == b,
        (long or double, long or double) => Close(Number(expected), Number(actual)),
        (object?[] a, IReadOnlyList<object?> b) => a.Length == b.Count && a.Zip(b).All(p => Matches(p.First, p.Second)),
        (Dictionary<string, object?> a, IReadOnlyDictionary<string, object?> b) =>
            a.Count == b.Count && a.All(p => b.TryGetValue(p.Key, out var other) && Matches(p.Value, other)),
        _ => expected.Equals(actual),
    };

    public static string Format(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        DateTimeOffset time => TimeText.Format(time.ToUnixTimeMilliseconds()),
        TimeSpan duration => DurationText.Format((long)duration.TotalMilliseconds),
        string text => text,
        IReadOnlyDictionary<string, object?> members => Format(members),
        IEnumerable<object?> items => $"[{string.Join(", ", items.Select(Format))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    public static string Format(IEnumerable<KeyValuePair<string, object?>> members) =>
        $"{{{string.Join(", ", members.Select(m => $"{m.Key}: {Format(m.Value)}"))}}}";

    private static bool Close(double a, double b) =>
        a.Equals(b) || Math.Abs(a - b) <= Tolerance * Math.Max(Math.Abs(a), Math.Abs(b));

    private static double Number(object value) => Convert.ToDouble(value, CultureInfo.InvariantCulture);
}
