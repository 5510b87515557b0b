using System.Globalization;
using System.Text;

namespace Cep.Host.Operating;

/// <summary>Metrics in the text format of Prometheus, version 0.0.4.</summary>
internal static class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Write(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (var family in families.Where(f => f.Samples.Count > 0))
        {
            text.Append("# HELP ").Append(family.Name).Append(' ').Append(Escape(family.Help)).Append('\n');
            var kind = family.Kind.ToString().ToLowerInvariant();
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(kind).Append('\n');
            foreach (var sample in family.Samples)
                Write(text, family.Name, sample);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, string name, MetricSample sample)
    {
        text.Append(name).Append(sample.Suffix);
        for (var i = 0; i < sample.Labels.Count; i++)
        {
            var (label, value) = sample.Labels[i];
            text.Append(i == 0 ? '{' : ',').Append(label).Append("=\"");
            text.Append(Escape(value).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
        }

        if (sample.Labels.Count > 0)
            text.Append('}');
        text.Append(' ').Append(Number(sample.Value)).Append('\n');
    }

    public static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
