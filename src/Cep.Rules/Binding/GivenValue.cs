using Cep.Events;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>Makes values of a type from YAML, as an event's are made from JSON.</summary>
internal static class GivenValue
{
    /// <summary>Converts a node to a value as columns hold it (null for null).</summary>
    /// <returns>Why it cannot be one, or null.</returns>
    public static string? Convert(YamlNode node, DataType type, DataType element, out object? value)
    {
        value = null;
        if (node is YamlScalar { IsNull: true })
            return null;
        value = (type, node) switch
        {
            (DataType.Any, _) => Plain(node),
            (DataType.List, YamlSequence) => Plain(node),
            (_, YamlScalar scalar) => Scalar(scalar.Resolve(), type),
            _ => null,
        };
        if (value is null)
            return $"{Describe(node)} is not {TypeNames.Of(type)}";
        return type == DataType.List && element != DataType.Any ? Items((YamlSequence)node, element, out value) : null;
    }

    /// <summary>A node as JSON would say it: bool, long, double, string, object?[] or Dictionary.</summary>
    public static object? Plain(YamlNode node) => node switch
    {
        YamlScalar scalar => scalar.Resolve(),
        YamlSequence sequence => sequence.Items.Select(Plain).ToArray(),
        YamlMapping mapping =>
            mapping.Entries.ToDictionary(e => e.Key.Value, e => Plain(e.Value), StringComparer.Ordinal),
        _ => null,
    };

    public static string Describe(YamlNode node) => node switch
    {
        YamlScalar { Style: YamlStyle.Plain } scalar => scalar.Value,
        YamlScalar scalar => $"'{scalar.Value}'",
        YamlSequence sequence => $"[{string.Join(", ", sequence.Items.Select(Describe))}]",
        YamlMapping mapping =>
            $"{{{string.Join(", ", mapping.Entries.Select(e => $"{e.Key.Value}: {Describe(e.Value)}"))}}}",
        _ => "",
    };

    private static string? Items(YamlSequence sequence, DataType element, out object? list)
    {
        var items = new object?[sequence.Items.Count];
        list = items;
        for (var i = 0; i < items.Length; i++)
            if (Convert(sequence.Items[i], element, DataType.Any, out items[i]) is { } problem)
                return problem;
        return null;
    }

    private static object? Scalar(object? plain, DataType type) => (type, plain) switch
    {
        (DataType.Bool, bool) or (DataType.Integer, long) or (DataType.Number, double) or (DataType.String, string) =>
            plain,
        (DataType.Integer, double number) when number == Math.Floor(number) && Math.Abs(number) < 1L << 53 =>
            (long)number,
        (DataType.Number, long integer) => (double)integer,
        (DataType.Timestamp, _) when TimeText.TryParse(plain, out var time) => time,
        (DataType.Duration, long milliseconds) => milliseconds,
        (DataType.Duration, string text) when DurationText.TryParse(text, out var duration) => duration,
        _ => null,
    };
}
