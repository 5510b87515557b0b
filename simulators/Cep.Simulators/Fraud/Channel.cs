namespace Cep.Simulators.Fraud;

internal enum Channel : byte
{
    Pos,
    Atm,
    Online,
}
