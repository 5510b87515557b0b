using System.Globalization;

namespace Cep.Tests.Laws;

internal enum LawInputKind : byte
{
    Event,
    Rejected,

    /// <summary>The stream promises that nothing before a time is to come.</summary>
    Advance,
}

/// <summary>One thing that an engine is given: mostly an event.</summary>
internal sealed record LawInput(LawInputKind Kind, long TimeMs)
{
    public string? K { get; init; }

    public long? G { get; init; }

    public double? X { get; init; }

    public long? N { get; init; }

    public bool? Flag { get; init; }

    public string? S { get; init; }

    public object?[] Values => [TimeMs, K, G, X, N, Flag, S];

    public override string ToString() => Kind switch
    {
        LawInputKind.Event => string.Create(
            CultureInfo.InvariantCulture,
            $"      - events: {{ts: {TimeMs}, k: {K ?? "null"}, g: {Text(G)}, x: {Text(X)}, n: {Text(N)}, " +
            $"flag: {Text(Flag)}, s: {S ?? "null"}}}"),
        _ => $"      # {Kind} {TimeMs}",
    };

    private static string Text(object? value) =>
        Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text.ToLowerInvariant()
            : "null";
}
