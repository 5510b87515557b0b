using Cep.Alerts;

namespace Cep.Connectors;

/// <summary>Something that alerts go to.</summary>
public interface ISink
{
    /// <summary>Its name in the deployment file.</summary>
    string Name { get; }

    /// <summary>Delivers an alert; called side by side for alerts of different keys only.</summary>
    /// <exception cref="DeliveryException">It can't be delivered, now or ever.</exception>
    Task SendAsync(Alert alert, CancellationToken stop);
}
