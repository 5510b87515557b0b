using Cep.Alerts;

namespace Cep.Host.Operating;

/// <summary>The last alerts of this run. Any thread.</summary>
internal sealed class RecentAlerts
{
    private const int Most = 500;
    private readonly Lock _lock = new();
    private readonly Queue<Alert> _alerts = new();

    public void Add(IEnumerable<Alert> alerts)
    {
        lock (_lock)
            foreach (var alert in alerts)
            {
                // what they rest on may be much
                _alerts.Enqueue(alert with { Evidence = [] });
                if (_alerts.Count > Most)
                    _alerts.Dequeue();
            }
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<Alert> Read(int limit)
    {
        lock (_lock)
            return [.. _alerts.Reverse().Take(limit)];
    }
}
