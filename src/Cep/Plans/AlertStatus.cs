namespace Cep.Plans;

public enum AlertStatus : byte
{
    Firing,
    Resolved,
}
