using Cep.Alerts;

namespace Cep.Host.Running;

/// <summary>Is told what became of alerts on their way to sinks. Any thread.</summary>
internal interface IDeliveryLog
{
    ValueTask DeliveredAsync(string sink, Alert alert);

    /// <summary>It can't be delivered, for good.</summary>
    ValueTask FailedAsync(string sink, Alert alert, string reason);

    /// <summary>The deployment ends before it could be delivered.</summary>
    /// <returns>What happens with it now, for people.</returns>
    ValueTask<string> LeftAsync(string sink, Alert alert);
}
