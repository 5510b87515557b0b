namespace Cep.Mqtt.Wire;

/// <summary>
/// What of a session outlives its connections: the messages of QoS 2 that have come and are not released yet, so that
/// none is handed over twice (MQTT 5.0, 4.3.3). At most 65,535, as there are ids.
/// </summary>
internal sealed class InboundSession
{
    private readonly Dictionary<ushort, bool> _unreleased = [];
    private ReceiptRing? _current;

    /// <summary>Guards this and the rings of its connections.</summary>
    public Lock Lock { get; } = new();

    /// <summary>From now on the ring is the one whose connection acknowledges.</summary>
    public void Attach(ReceiptRing ring, bool forgets)
    {
        lock (Lock)
        {
            _current = ring;
            if (forgets)
                _unreleased.Clear();
        }
    }

    /// <summary>Whether the message is in the application's hands by now: null where it has not come yet.</summary>
    public bool? StateOf(ushort id) => _unreleased.TryGetValue(id, out var taken) ? taken : null;

    public void Received(ushort id) => _unreleased[id] = false;

    /// <summary>The application has acknowledged; it may have had the message from an earlier connection.</summary>
    public void Taken(ushort id, ReceiptRing by)
    {
        if (!_unreleased.ContainsKey(id))
            return;
        _unreleased[id] = true;
        if (_current is not null && _current != by)
            _current.TakenElsewhere(id);
    }

    /// <summary>The peer will not send the message again.</summary>
    /// <returns>False where it is not known.</returns>
    public bool Release(ushort id)
    {
        lock (Lock)
            return _unreleased.Remove(id);
    }
}
