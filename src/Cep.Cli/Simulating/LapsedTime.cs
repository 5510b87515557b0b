namespace Cep.Cli.Simulating;

/// <summary>A clock that runs faster than the one it goes by.</summary>
internal sealed class LapsedTime(TimeProvider clock, double factor) : TimeProvider
{
    private readonly long _begin = clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override long GetTimestamp() => (long)((clock.GetTimestamp() - _begin) * factor);
}
