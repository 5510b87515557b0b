namespace Cep.Mqtt.Listening;

/// <summary>
/// The sessions of a listener, one for each client id. Connections count and have their limit; beside them sessions of
/// clients that are away are kept up to a limit, and those that left first make room.
/// </summary>
internal sealed class SessionTable(MqttListenerOptions options, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ListenerSession> _sessions = new(StringComparer.Ordinal);

    /// <summary>Sessions forgotten before their time, for want of room.</summary>
    public long Forgotten { get; private set; }

    public int Count
    {
        get
        {
            lock (_lock)
                return _sessions.Count;
        }
    }

    /// <summary>
    /// Makes the connection the one of its client's session, a new one where there is none or a clean start is asked
    /// for.
    /// </summary>
    /// <returns>Null and the connection that stands in the way, where there is one.</returns>
    public (ListenerSession? Session, bool IsPresent, PeerConnection? InTheWay) Enter(
        string clientId, PeerConnection connection, bool cleanStart, TimeSpan expiry, bool isRemembered)
    {
        lock (_lock)
        {
            var session = _sessions.GetValueOrDefault(clientId);
            if (session?.Current is { } current)
                return (null, false, current);
            session?.Will?.Cancel();
            var isKept = session is not null && !cleanStart && clock.GetElapsedTime(session.Left) < session.Expiry;
            var isPresent = isKept || (session is null && isRemembered);
            if (!isKept)
                _sessions[clientId] = session = new ListenerSession(clientId);
            session!.Current = connection;
            session.Expiry = expiry;
            if (_sessions.Count > options.MaxSessions)
                MakeRoom();
            return (session, isPresent, null);
        }
    }

    /// <summary>The connection has ended.</summary>
    public void Leave(ListenerSession session)
    {
        lock (_lock)
        {
            session.Current = null;
            session.Left = clock.GetTimestamp();
            if (session.Expiry <= TimeSpan.Zero)
                _sessions.Remove(session.ClientId);
        }
    }

    private void MakeRoom()
    {
        ListenerSession? first = null;
        foreach (var session in _sessions.Values)
            if (session.Current is null && (first is null || session.Left < first.Left))
                first = session;
        if (first is null)
            return;
        _sessions.Remove(first.ClientId);
        if (clock.GetElapsedTime(first.Left) < first.Expiry)
            Forgotten++;
    }
}
