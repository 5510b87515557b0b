namespace Cep.Rules.Diagnostics;

/// <summary>All kinds of problems. An id keeps its meaning for ever; those from CEP101 on are warnings.</summary>
public static class DiagnosticIds
{
    /// <summary>The text is no YAML.</summary>
    public const string YamlSyntax = "CEP001";

    /// <summary>A mapping has the same key twice.</summary>
    public const string DuplicateKey = "CEP002";

    /// <summary>Something is larger or deeper than the compiler takes.</summary>
    public const string LimitExceeded = "CEP003";

    /// <summary>A mapping stands where a list should, and the like.</summary>
    public const string WrongShape = "CEP004";

    /// <summary>There is no such key.</summary>
    public const string UnknownKey = "CEP005";

    /// <summary>A key that must be there is not.</summary>
    public const string MissingKey = "CEP006";

    /// <summary>A value is not one of those that its key can have.</summary>
    public const string InvalidValue = "CEP007";

    /// <summary>A name has characters that names of its kind cannot have.</summary>
    public const string InvalidName = "CEP008";

    /// <summary>Two declarations have the same name.</summary>
    public const string DuplicateDeclaration = "CEP009";

    /// <summary>An expression or template cannot be read.</summary>
    public const string ExpressionSyntax = "CEP010";

    /// <summary>An expression uses a name that nothing has there.</summary>
    public const string UnknownName = "CEP011";

    /// <summary>The types of an expression do not fit.</summary>
    public const string TypeMismatch = "CEP012";

    /// <summary>There is no such function.</summary>
    public const string UnknownFunction = "CEP013";

    /// <summary>A call has too many, too few or unsuitable arguments.</summary>
    public const string WrongArguments = "CEP014";

    /// <summary>An aggregate or a look back stands where it cannot be worked out.</summary>
    public const string MisplacedAggregate = "CEP015";

    /// <summary>A regular expression is wrong, or cannot run in linear time.</summary>
    public const string InvalidRegex = "CEP016";

    /// <summary>There is no such time zone.</summary>
    public const string UnknownTimeZone = "CEP017";

    /// <summary>A key does not go with the rule's detector, or there is not exactly one detector.</summary>
    public const string DetectorMismatch = "CEP018";

    /// <summary>No file declares the stream, and no rule emits it.</summary>
    public const string UnknownStream = "CEP019";

    /// <summary>Definitions or derived streams go round in a circle.</summary>
    public const string Cycle = "CEP020";

    /// <summary>Two sources of one stream do not agree about its fields.</summary>
    public const string SchemaConflict = "CEP021";

    /// <summary>A format does not suit the type of its value.</summary>
    public const string InvalidFormat = "CEP022";

    /// <summary>The language has it, this version of the engine does not.</summary>
    public const string NotSupported = "CEP023";

    /// <summary>An exception must say why it is made and when it ends.</summary>
    public const string EndlessException = "CEP024";

    /// <summary>A test names a rule that is not under test.</summary>
    public const string UnknownRule = "CEP025";

    /// <summary>A file to load cannot be read.</summary>
    public const string LoadFailed = "CEP026";

    /// <summary>A pattern cannot be read.</summary>
    public const string PatternSyntax = "CEP030";

    /// <summary>The parts of a pattern do not go together, or it can never be complete.</summary>
    public const string InvalidPattern = "CEP031";

    /// <summary>There is no such step in the pattern.</summary>
    public const string UnknownStep = "CEP032";

    /// <summary>A comparison with null, which is never true.</summary>
    public const string ComparisonWithNull = "CEP101";

    /// <summary>A name that nothing uses or shows.</summary>
    public const string UnusedLet = "CEP102";

    /// <summary>A setting without effect.</summary>
    public const string NoEffect = "CEP103";

    /// <summary>A test gives a field that the stream does not have.</summary>
    public const string UnknownGivenField = "CEP104";

    /// <summary>A pattern keeps partial matches for ever.</summary>
    public const string UnboundedPattern = "CEP110";

    /// <summary>What a pattern forbids is never asked where what follows it is left out.</summary>
    public const string NegationNotAsked = "CEP111";

    /// <summary>A part of the key can be null.</summary>
    public const string NullableKey = "CEP112";
}
