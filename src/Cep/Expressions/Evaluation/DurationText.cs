using System.Globalization;
using System.Text;

namespace Cep.Expressions.Evaluation;

/// <summary>Durations as rules write them.</summary>
public static class DurationText
{
    private static readonly (
        string Unit, long Ms)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    /// <summary>The duration like <c>1h30m</c> or <c>250ms</c>; nothing is lost.</summary>
    public static string Of(long ms)
    {
        if (ms == 0)
            return "0s";
        var text = new StringBuilder(ms < 0 ? "-" : "");
        var rest = Math.Abs((decimal)ms);
        foreach (var (unit, length) in Units)
        {
            var count = decimal.Truncate(rest / length);
            rest -= count * length;
            if (count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{count}{unit}");
        }

        return text.ToString();
    }
}
