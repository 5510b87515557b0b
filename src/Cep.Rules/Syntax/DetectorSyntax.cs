using Cep.Plans;

namespace Cep.Rules.Syntax;

/// <summary>What a rule looks for, as written: one record for each kind of detector.</summary>
internal abstract record DetectorSyntax;

internal sealed record ConditionSyntax(ExpressionSyntax When, long ForMs, ExpressionSyntax? Resolve, bool Rising,
    long EveryMs) : DetectorSyntax;

internal sealed record WindowSyntax(
    WindowKind Kind, IReadOnlyList<NamedSyntax> Select, ExpressionSyntax? When, WindowReport Report, long EveryMs,
    long AllowedLatenessMs) : DetectorSyntax;

internal sealed record SilenceSyntax(long SilentMs) : DetectorSyntax;

/// <summary>There is none, or it could not be read, which has been reported.</summary>
internal sealed record NoDetectorSyntax : DetectorSyntax
{
    public static readonly NoDetectorSyntax Instance = new();
}
