namespace Cep.Host.Operating;

internal enum RunPhase : byte
{
    Starting,
    Running,
    Stopping,
}
