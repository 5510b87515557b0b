namespace Cep.Rules.Schema;

/// <summary>What the value of a key looks like.</summary>
public abstract record Shape;

/// <summary>A text, of a pattern where one is given.</summary>
public sealed record TextShape(string? Pattern = null) : Shape;

/// <summary>An expression of the rule language.</summary>
public sealed record ExpressionShape : Shape;

/// <summary>Such as <c>250ms</c> or <c>1h30m</c>.</summary>
public sealed record DurationShape : Shape;

/// <summary>An instant: ISO 8601, epoch milliseconds or an offset from the epoch such as <c>90s</c>.</summary>
public sealed record TimeShape : Shape;

public sealed record BoolShape : Shape;

public sealed record IntegerShape : Shape;

/// <summary>Anything at all.</summary>
public sealed record AnyShape : Shape;

/// <summary>One of a few words.</summary>
public sealed record EnumShape(params string[] Values) : Shape;

public sealed record ListShape(Shape Item) : Shape;

/// <summary>A mapping from names of the author's to values of one shape.</summary>
public sealed record MapShape(Shape Value) : Shape;

/// <summary>A mapping with known keys.</summary>
public sealed record ObjectShape(ObjectSpec Spec) : Shape;

public sealed record OneOfShape(params Shape[] Shapes) : Shape;
