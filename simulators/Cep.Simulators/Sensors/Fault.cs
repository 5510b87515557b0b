namespace Cep.Simulators.Sensors;

internal sealed record Fault(FaultKind Kind, int Device, long FromMs, long ToMs)
{
    public bool Covers(long timeMs) => timeMs >= FromMs && timeMs <= ToMs;
}
