namespace Cep.Connectors.Http;

/// <summary>A request is not taken; the client is told why.</summary>
internal sealed class RefusedRequestException(int status, string message, TimeSpan? retryAfter = null)
    : Exception(message)
{
    public HttpAnswer Answer => HttpAnswer.Error(status, Message, retryAfter);
}
