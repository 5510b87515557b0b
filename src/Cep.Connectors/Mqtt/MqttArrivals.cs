using Cep.Connectors.Formats;
using Cep.Mqtt;

namespace Cep.Connectors.Mqtt;

/// <summary>
/// Makes arrivals of the messages of a session: all that have come by the time there are no more, or are as many as a
/// batch takes. They are acknowledged when they are kept.
/// </summary>
/// <param name="decoders">Decode the payloads.</param>
/// <param name="recent">Recognises what was handed over before; null where the peer keeps no session.</param>
/// <param name="intake">Takes the arrivals.</param>
/// <param name="log">Takes a line at each change.</param>
internal sealed class MqttArrivals(
    MessageDecoders decoders, RecentMessages? recent, Intake intake, Action<string> log) : IMqttReceiver
{
    private const int MaxRows = 4096;
    private MessageDecoder? _decoder;
    private IMqttAcknowledger? _owner;
    private long _first;
    private long _last;
    private int _duplicates;
    private bool _isMarked;
    private string _state = "";

    public void OnConnected(bool sessionPresent) =>
        Log(sessionPresent ? "connected, the session goes on" : "connected");

    public void OnDisconnected(string reason) => Log(reason);

    public bool OnMessage(in MqttMessage message)
    {
        if (message.Receipt.Owner is { } owner)
        {
            if (_owner is null)
                _first = message.Receipt.Number;
            _owner = owner;
            _last = message.Receipt.Number;
            if (recent is not null && IsKnown(message))
                return true;
        }

        _decoder ??= decoders.Rent();
        _decoder.Add(message.Topic, message.Payload);
        return _decoder.Count < MaxRows;
    }

    public ValueTask FlushAsync(CancellationToken stop)
    {
        var decoder = _decoder ?? decoders.Rent();
        var batch = decoder.Build();
        _decoder = null;
        decoders.Return(decoder);
        batch.Duplicates = _duplicates;
        var (owner, first, last) = (_owner, _first, _last);
        var mark = _isMarked ? recent!.TakeMark() : null;
        (_owner, _duplicates, _isMarked) = (null, 0, false);
        if (batch.Count + batch.Rejected.Count + batch.Duplicates == 0 && owner is null)
            return ValueTask.CompletedTask;
        var arrival = new Arrival(batch)
        {
            Mark = mark,
            Kept = owner is null ? null : () => owner.Acknowledge(first, last),
        };
        return intake.AcceptAsync(arrival, stop);
    }

    /// <summary>Whether it was handed over before; its acknowledgement then goes with those of the arrival being
    /// made, which is kept after the one that it was in.</summary>
    private bool IsKnown(in MqttMessage message)
    {
        var hash = RecentMessages.HashOf(message.Topic, message.Payload);
        if (message.Duplicate && recent!.Contains(message.PacketId, hash))
        {
            _duplicates++;
            return true;
        }

        recent!.Add(message.PacketId, hash);
        _isMarked = true;
        return false;
    }

    private void Log(string state)
    {
        if (state != _state)
            log(state);
        _state = state;
    }
}
