namespace Cep.Events;

/// <summary>The types a field or an expression can have.</summary>
public enum DataType : byte
{
    /// <summary>The type of the literal <c>null</c> alone; it fits every other type.</summary>
    Null,

    Bool,

    /// <summary>A 64-bit signed integer.</summary>
    Integer,

    /// <summary>An IEEE 754 double. NaN and infinities do not occur: they become null.</summary>
    Number,

    String,

    /// <summary>Milliseconds since 1970-01-01T00:00Z.</summary>
    Timestamp,

    /// <summary>Milliseconds.</summary>
    Duration,

    /// <summary>Whatever JSON can say; its type is known only when the event is read.</summary>
    Any,

    List,
}
