using System.Globalization;
using System.Text;
using Cep.Connectors.Formats;
using Cep.Expressions.Evaluation;
using Cep.Host.Rules;

namespace Cep.Host.Explaining;

/// <summary>Times, values and events as lines of an explanation show them.</summary>
internal static class ShownText
{
    public static string Time(long ms) => ms is > -62_135_596_800_000 and < 253_402_300_800_000
        ? DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString(
            "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
        : ms < 0 ? "the beginning" : "the end";

    public static string Value(object? value) => value switch
    {
        null => "null",
        string text => $"'{text}'",
        _ => Plain(value),
    };

    public static string Plain(object? value) => value switch
    {
        bool flag => flag ? "true" : "false",
        DateTimeOffset time => Time(time.ToUnixTimeMilliseconds()),
        TimeSpan span => PlanText.DurationOf((long)span.TotalMilliseconds),
        _ => AnyValue.Text(value),
    };

    public static string TimeAndEvent(KeyEvent e) => $"{Time(e.AtMs)} {Event(e)}";

    public static string Event(KeyEvent e)
    {
        if (e.Batch is null)
            return "";
        var buffer = new Utf8Buffer();
        AlertJson.Event(buffer, e.Batch, e.Row);
        return Encoding.UTF8.GetString(buffer.Written);
    }
}
