namespace Cep.Benchmarks.Data;

/// <summary>An event as an object, which is what the hand-written loops and plain System.Reactive work on.</summary>
internal sealed record Purchase(long Ts, string Card, double Amount, string Merchant, string Country, string Kind);
