namespace Cep.Rules.Testing;

/// <summary>An entry of a test's <c>given</c>.</summary>
internal abstract record GivenStep;

/// <summary>An event, or what is rejected instead of one.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Values">The values of the stream's fields, as columns hold them.</param>
/// <param name="Rejection">Why it is no event, or null.</param>
/// <param name="Raw">What was written.</param>
internal sealed record GivenEvent(string Stream, object?[] Values, string? Rejection, string Raw) : GivenStep;

/// <summary>The clock of streams without a time field moves on by this.</summary>
internal sealed record GivenAdvance(long ByMs) : GivenStep;

/// <summary>An entry with errors, which keeps its place: expectations count entries.</summary>
internal sealed record GivenNothing : GivenStep;
