using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>The types as rules write them.</summary>
internal static class TypeNames
{
    public static readonly string[] All = ["bool", "integer", "number", "string", "timestamp", "duration", "any"];

    public static bool TryParse(string text, out DataType type, out DataType element)
    {
        const string ListOf = "list of ";
        element = DataType.Any;
        if (!text.StartsWith(ListOf, StringComparison.Ordinal))
            return TrySimple(text, out type);
        type = DataType.List;
        return TrySimple(text[ListOf.Length..].TrimStart(), out element);
    }

    /// <summary>With its article, for messages.</summary>
    public static string Of(DataType type) => type switch
    {
        DataType.Null => "null",
        DataType.Bool => "a bool",
        DataType.Integer => "an integer",
        DataType.Number => "a number",
        DataType.String => "a string",
        DataType.Timestamp => "a timestamp",
        DataType.Duration => "a duration",
        DataType.Any => "of any type",
        _ => "a list",
    };

    private static bool TrySimple(string text, out DataType type)
    {
        type = text switch
        {
            "bool" => DataType.Bool,
            "integer" => DataType.Integer,
            "number" => DataType.Number,
            "string" => DataType.String,
            "timestamp" => DataType.Timestamp,
            "duration" => DataType.Duration,
            "any" => DataType.Any,
            _ => DataType.Null,
        };
        return type != DataType.Null;
    }
}
