using System.Globalization;
using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

internal enum YamlStyle : byte
{
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Block,
}

/// <summary>A text, with a map from its characters to those of the file.</summary>
internal sealed class YamlScalar(YamlSource source, int start, int end, string value, YamlStyle style)
    : YamlNode(source, source.SpanOf(start, end))
{
    private int[]? _map;

    public string Value { get; } = value;

    public YamlStyle Style { get; } = style;

    public bool IsNull => Style == YamlStyle.Plain && Value is "" or "~" or "null" or "Null" or "NULL";

    /// <summary>The place in the file of a part of <see cref="Value"/>.</summary>
    public Span At(int offset, int length)
    {
        if (Style == YamlStyle.Plain && end - start == Value.Length)
            return Source.SpanOf(start + offset, start + offset + length);
        _map ??= ScalarMap.Create(Source.Text, start, end, Value, Style);
        var from = _map[Math.Min(offset, Value.Length)];
        var to = length == 0 ? from : _map[Math.Min(offset + length, Value.Length) - 1] + 1;
        return Source.SpanOf(from, Math.Max(from + 1, to));
    }

    /// <summary>The value by the YAML 1.2 core schema: null, bool, long, double or string.</summary>
    public object? Resolve()
    {
        if (Style != YamlStyle.Plain)
            return Value;
        if (IsNull)
            return null;
        return Value switch
        {
            "true" or "True" or "TRUE" => true,
            "false" or "False" or "FALSE" => false,
            _ => Number(Value) ?? Value,
        };
    }

    private static object? Number(string text)
    {
        var c = text[0] is '-' or '+' && text.Length > 1 ? text[1] : text[0];
        if (!char.IsAsciiDigit(c) && c != '.')
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer))
            return integer;
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            return hex;
        const NumberStyles Float =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;
    }
}
