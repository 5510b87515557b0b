namespace Cep.Connectors;

/// <summary>An alert could not be delivered; the message says why and holds no secret.</summary>
public sealed class DeliveryException(string message) : Exception(message);
