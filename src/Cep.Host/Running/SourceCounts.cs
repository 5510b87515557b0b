using Cep.Connectors;
using Cep.Connectors.Http;
using Cep.Connectors.Sockets;

namespace Cep.Host.Running;

internal enum SourceState : byte
{
    Waiting,
    Running,

    /// <summary>It has read all there is.</summary>
    Ended,

    /// <summary>It can't go on: nothing more comes from it in this run.</summary>
    Failed,
}

/// <summary>A source, and what has come from it. Any thread.</summary>
internal sealed class SourceCounts(ISource source)
{
    private long _events;
    private long _rejected;
    private long _arrivals;

    public string Name => source.Name;

    public string Stream => source.Stream;

    public SourceState State { get; set; }

    public long Events => Interlocked.Read(ref _events);

    public long Rejected => Interlocked.Read(ref _rejected);

    public long Arrivals => Interlocked.Read(ref _arrivals);

    /// <summary>Peers or requests that were not let in.</summary>
    public long Refused => source switch
    {
        TcpSource tcp => tcp.Refused,
        HttpSource http => http.Refused,
        _ => 0,
    };

    /// <summary>Counts what the source hands over.</summary>
    public Intake Counted(Intake intake) => new(
        async (arrival, stop) =>
        {
            var (events, rejected) = (arrival.Events.Count, arrival.Events.Rejected.Count);
            await intake.AcceptAsync(arrival, stop);
            Interlocked.Increment(ref _arrivals);
            Interlocked.Add(ref _events, events);
            Interlocked.Add(ref _rejected, rejected);
        },
        intake.LastMark);
}
