namespace Cep.Mqtt.Wire;

/// <summary>
/// What of a session outlives its connections: the messages of QoS 2 that have come and are not released yet, so that
/// none is handed over twice (MQTT 5.0, 4.3.3). A bit for each id, so that a peer that releases none costs 16 KiB.
/// </summary>
internal sealed class InboundSession
{
    private const int Words = (ushort.MaxValue + 1) / 64;
    private ulong[]? _received;
    private ulong[]? _taken;
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
                (_received, _taken) = (null, null);
        }
    }

    /// <summary>Whether the message is in the application's hands by now: null where it has not come yet.</summary>
    public bool? StateOf(ushort id) => Has(_received, id) ? Has(_taken, id) : null;

    public void Received(ushort id)
    {
        _received ??= new ulong[Words];
        _taken ??= new ulong[Words];
        _received[id >> 6] |= 1UL << id;
    }

    /// <summary>The application has acknowledged; it may have had the message from an earlier connection.</summary>
    public void Taken(ushort id, ReceiptRing by)
    {
        if (!Has(_received, id))
            return;
        _taken![id >> 6] |= 1UL << id;
        if (_current is not null && _current != by)
            _current.TakenElsewhere(id);
    }

    /// <summary>The peer will not send the message again.</summary>
    /// <returns>False where it is not known.</returns>
    public bool Release(ushort id)
    {
        lock (Lock)
        {
            if (!Has(_received, id))
                return false;
            _received![id >> 6] &= ~(1UL << id);
            _taken![id >> 6] &= ~(1UL << id);
            return true;
        }
    }

    private static bool Has(ulong[]? bits, ushort id) => bits is not null && (bits[id >> 6] >> id & 1) != 0;
}
