using System.Globalization;
using System.Text;
using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Detection;

/// <summary>A text with values in it.</summary>
internal sealed class TemplateEval
{
    private readonly (string? Text, Eval? Value, DataType Type, string? Format)[] _parts;
    private readonly StringBuilder _buffer = new();

    public TemplateEval(TemplatePlan plan, EvalCompiler compiler) =>
        _parts = [.. plan.Parts.Select(
            p => (p.Text, p.Value is null ? null : compiler.Compile(p.Value), p.Value?.Type ?? default, p.Format))];

    public string Render(Frame frame)
    {
        _buffer.Clear();
        foreach (var (text, value, type, format) in _parts)
            _buffer.Append(text ?? Show(value!.Box(frame), type, format));
        return _buffer.ToString();
    }

    /// <summary>A value as messages show it: a time in ISO 8601, a duration like 1m30s, null as "null".</summary>
    public static string Show(object? value, DataType type, string? format)
    {
        var culture = CultureInfo.InvariantCulture;
        return value switch
        {
            null => "null",
            long ms when type == DataType.Timestamp && Math.Abs(ms) < 253402300799999 =>
                DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString(format ?? "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", culture),
            long ms when type == DataType.Duration && format is not null && Math.Abs(ms) < long.MaxValue / 10_000 =>
                TimeSpan.FromTicks(ms * TimeSpan.TicksPerMillisecond).ToString(format, culture),
            long ms when type == DataType.Duration => DurationText.Format(ms),
            long n => n.ToString(format, culture),
            double d => d.ToString(format, culture),
            _ => AnyValue.Text(value),
        };
    }
}
