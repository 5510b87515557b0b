namespace Cep.Rules.Syntax;

/// <summary>
/// Maps the characters of a scalar's value to those of the file. Folding, indentation and line ends change white space
/// only, so it is enough to pair what is not white space in order and to let white space follow its predecessor.
/// </summary>
internal static class ScalarMap
{
    /// <returns>For each character of the value, and for its end, the offset in the text.</returns>
    public static int[] Create(string text, int start, int end, string value, YamlStyle style)
    {
        var map = new int[value.Length + 1];
        var at = Content(text, start, end, style);
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsWhiteSpace(value[i]))
            {
                map[i] = at;
                if (at < end && text[at] is ' ' or '\t' && i + 1 < value.Length)
                    at++;
                continue;
            }

            while (at < end && char.IsWhiteSpace(text[at]))
                at++;
            at = SkipWhiteSpaceEscapes(text, at, end, style);
            map[i] = Math.Min(at, text.Length - 1);
            at = Next(text, at, end, style, value, ref i, map);
        }

        map[value.Length] = Math.Min(at, Math.Max(0, text.Length));
        return map;
    }

    private static int Content(string text, int start, int end, YamlStyle style)
    {
        if (style is YamlStyle.SingleQuoted or YamlStyle.DoubleQuoted)
            return start + 1;
        if (style != YamlStyle.Block)
            return start;
        var line = text.IndexOf('\n', start, Math.Max(0, end - start));
        return line < 0 ? start : line + 1;
    }

    /// <summary>Passes an escape that stands for white space (or for nothing, at the end of a line).</summary>
    private static int SkipWhiteSpaceEscapes(string text, int at, int end, YamlStyle style)
    {
        while (style == YamlStyle.DoubleQuoted && at + 1 < end && text[at] == '\\'
               && (text[at + 1] is 'n' or 't' or 'r' or '_' or 'N' or 'L' or 'P' || char.IsWhiteSpace(text[at + 1])))
        {
            at += 2;
            while (at < end && char.IsWhiteSpace(text[at]))
                at++;
        }

        return at;
    }

    private static int Next(string text, int at, int end, YamlStyle style, string value, ref int i, int[] map)
    {
        if (at >= end)
            return at;
        if (style == YamlStyle.SingleQuoted && text[at] == '\'')
            return at + 2;
        if (style != YamlStyle.DoubleQuoted || text[at] != '\\' || at + 1 >= end)
            return at + 1;
        var digits = text[at + 1] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits == 8 && char.IsHighSurrogate(value[i]) && i + 1 < value.Length)
            map[++i] = at;
        return at + 2 + digits;
    }
}
