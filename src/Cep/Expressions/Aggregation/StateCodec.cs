using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>How values of a storage type are saved.</summary>
internal sealed record StateCodec<T>(Action<StateWriter, T> Write, Func<StateReader, T> Read);

internal static class StateCodecs
{
    public static readonly StateCodec<long> Long = new((w, v) => w.Long(v), r => r.Long());
    public static readonly StateCodec<double> Double = new((w, v) => w.Double(v), r => r.Double());
    public static readonly StateCodec<object> Object = new((w, v) => w.Value(v), r => r.Value()!);
    public static readonly StateCodec<NoValue> None = new((_, _) => { }, _ => default);
}
