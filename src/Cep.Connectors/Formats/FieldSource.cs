using System.Globalization;

namespace Cep.Connectors.Formats;

/// <summary>Where a field of an event comes from, if not from the member of its name.</summary>
public abstract record FieldSource
{
    private const int MaxSteps = 16;

    /// <summary>
    /// Reads <c>topic</c>, <c>topic[1]</c> (levels count from 0) or <c>$.card.ids[0]</c> (members and indexes).
    /// </summary>
    /// <returns>Null, and why not.</returns>
    public static FieldSource? Parse(string text, out string? fault)
    {
        fault = null;
        if (text == "topic")
            return new TopicSource(null);
        if (text.StartsWith("topic[", StringComparison.Ordinal) && text.EndsWith(']')
            && Index(text.AsSpan(6, text.Length - 7)) is { } level)
            return new TopicSource(level);
        if (text.StartsWith('$') && text.Length > 1 && Steps(text) is { Count: > 0 and <= MaxSteps } steps)
            return new PathSource(steps);
        fault = "a field comes from topic, topic[1] or a path such as $.card.ids[0]";
        return null;
    }

    private static List<object>? Steps(string text)
    {
        var steps = new List<object>();
        for (var at = 1; at < text.Length;)
        {
            if (text[at] == '.')
            {
                var end = text.IndexOfAny(['.', '['], at + 1);
                end = end < 0 ? text.Length : end;
                if (end == at + 1)
                    return null;
                steps.Add(text[(at + 1)..end]);
                at = end;
                continue;
            }

            var close = text.IndexOf(']', at);
            if (text[at] != '[' || close < 0)
                return null;
            var inside = text.AsSpan(at + 1, close - at - 1);
            if (Index(inside) is { } index)
                steps.Add(index);
            else if (inside.Length > 2 && inside[0] is '\'' or '"' && inside[^1] == inside[0])
                steps.Add(inside[1..^1].ToString());
            else
                return null;
            at = close + 1;
        }

        return steps;
    }

    private static int? Index(ReadOnlySpan<char> text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
}

/// <summary>The topic of the message, or one of its levels from 0.</summary>
public sealed record TopicSource(int? Level) : FieldSource;

/// <summary>A place in the payload: names of members (string) and indexes of items (int).</summary>
public sealed record PathSource(IReadOnlyList<object> Steps) : FieldSource;
