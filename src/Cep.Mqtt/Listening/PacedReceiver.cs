namespace Cep.Mqtt.Listening;

/// <summary>Takes a number of messages in a second, and lets the peer wait beyond.</summary>
internal sealed class PacedReceiver(IMqttReceiver receiver, int perSecond, TimeProvider clock) : IMqttReceiver
{
    private long _second = clock.GetTimestamp();
    private int _taken;

    public void OnConnected(bool sessionPresent) => receiver.OnConnected(sessionPresent);

    public void OnDisconnected(string reason) => receiver.OnDisconnected(reason);

    public bool OnMessage(in MqttMessage message) => receiver.OnMessage(message) && ++_taken < perSecond;

    public async ValueTask FlushAsync(CancellationToken stop)
    {
        await receiver.FlushAsync(stop);
        if (_taken < perSecond)
            return;
        var left = TimeSpan.FromSeconds(1) - clock.GetElapsedTime(_second);
        if (left > TimeSpan.Zero)
            await Task.Delay(left, clock, stop);
        _second = clock.GetTimestamp();
        _taken = 0;
    }
}
