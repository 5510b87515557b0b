namespace Cep.Detection;

public enum AlertStatus : byte
{
    Firing,
    Resolved,
}
