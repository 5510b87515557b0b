using System.Globalization;
using System.Text;

namespace Cep.Connectors.Formats;

/// <summary>A metric of a Sparkplug payload. Its value is JSON.</summary>
internal sealed class SparkplugMetric
{
    // Sparkplug 3.0, 6.4.16
    private static readonly string[] s_types =
    [
        "Unknown", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float", "Double",
        "Boolean", "String", "DateTime", "Text", "UUID", "DataSet", "Bytes", "File", "Template", "PropertySet",
        "PropertySetList",
    ];

    public string? Name { get; set; }

    public ulong? Alias { get; set; }

    public long? TimestampMs { get; set; }

    public string? Type { get; set; }

    /// <summary>Null for none, and for data sets and templates.</summary>
    public byte[]? Json { get; set; }

    /// <summary>An integer as the payload has it, whose sign the type decides.</summary>
    public ulong? Bits { get; set; }

    public static string TypeName(ulong type) =>
        type < (ulong)s_types.Length ? s_types[type] : type.ToString(CultureInfo.InvariantCulture);

    /// <summary>The value as JSON.</summary>
    public byte[] ValueJson() =>
        Json ?? (Bits is { } bits ? Encoding.ASCII.GetBytes(Integer(bits)) : "null"u8.ToArray());

    private string Integer(ulong bits) => Type switch
    {
        "Int8" => ((sbyte)bits).ToString(CultureInfo.InvariantCulture),
        "Int16" => ((short)bits).ToString(CultureInfo.InvariantCulture),
        "Int32" => ((int)bits).ToString(CultureInfo.InvariantCulture),
        "Int64" or "DateTime" => ((long)bits).ToString(CultureInfo.InvariantCulture),
        _ => bits.ToString(CultureInfo.InvariantCulture),
    };
}
