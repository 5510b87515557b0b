namespace Cep.Connectors.Formats;

/// <summary>
/// The names and types that births give to aliases, which stand for them in the data that follows. Any thread. They
/// are not kept over a restart: until the next birth a metric has its alias alone, for its name is not known.
/// </summary>
internal sealed class SparkplugNames
{
    private const int MaxMetrics = 1_000_000;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<ulong, Meaning>> _edges = new(StringComparer.Ordinal);
    private int _count;

    private readonly record struct Meaning(string Name, string? Type);

    /// <summary>Aliases that were not remembered, as there were a million already.</summary>
    public long Unremembered { get; private set; }

    /// <summary>The edge node is born again and will tell its names anew.</summary>
    public void Forget(string edge)
    {
        lock (_lock)
            if (_edges.Remove(edge, out var metrics))
                _count -= metrics.Count;
    }

    /// <summary>Learns what a metric tells of its alias, or completes it by what is known.</summary>
    public void Resolve(string edge, SparkplugMetric metric)
    {
        if (metric.Alias is not { } alias)
            return;
        lock (_lock)
        {
            var metrics = _edges.GetValueOrDefault(edge);
            if (metric.Name is { } name)
                Learn(edge, metrics, alias, new Meaning(name, metric.Type));
            else if (metrics is not null && metrics.TryGetValue(alias, out var meaning))
                (metric.Name, metric.Type) = (meaning.Name, metric.Type ?? meaning.Type);
        }
    }

    private void Learn(string edge, Dictionary<ulong, Meaning>? metrics, ulong alias, Meaning meaning)
    {
        if (_count >= MaxMetrics && metrics?.ContainsKey(alias) != true)
        {
            Unremembered++;
            return;
        }

        if (metrics is null)
            _edges[edge] = metrics = [];
        _count -= metrics.Count;
        metrics[alias] = meaning;
        _count += metrics.Count;
    }
}
