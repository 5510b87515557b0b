namespace Cep.Rules.Syntax;

/// <summary>A part [Start, End) of the text of a scalar.</summary>
internal readonly record struct TextSpan(int Start, int End)
{
    public int Length => End - Start;
}
