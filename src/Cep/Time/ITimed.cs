namespace Cep.Time;

/// <summary>An entry of a <see cref="TimeQueue{TEntry}"/>.</summary>
internal interface ITimed<TSelf>
    where TSelf : struct, ITimed<TSelf>
{
    /// <summary>In ms since the epoch.</summary>
    long Time { get; }

    bool IsBefore(in TSelf other);
}
