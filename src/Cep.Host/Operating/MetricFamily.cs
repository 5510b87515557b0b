namespace Cep.Host.Operating;

internal enum MetricKind : byte
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>A number and what it is of.</summary>
/// <param name="Suffix">What follows the family's name; empty but for histograms.</param>
/// <param name="Labels">What it is of.</param>
/// <param name="Value">The number.</param>
internal sealed record MetricSample(
    string Suffix, IReadOnlyList<(string Name, string Value)> Labels, double Value);

/// <summary>Numbers of one name.</summary>
/// <param name="Name">The name, with its unit.</param>
/// <param name="Kind">Whether it only grows.</param>
/// <param name="Help">What it says, for people.</param>
internal sealed record MetricFamily(string Name, MetricKind Kind, string Help)
{
    private readonly List<MetricSample> _samples = [];

    public IReadOnlyList<MetricSample> Samples => _samples;

    public MetricFamily Add(double value, params (string Name, string Value)[] labels) => Add("", value, labels);

    public MetricFamily Add(string suffix, double value, params (string Name, string Value)[] labels)
    {
        _samples.Add(new MetricSample(suffix, labels, value));
        return this;
    }
}
