using System.Globalization;
using System.Text;

namespace Cep.Benchmarks;

/// <summary>The results as a Markdown page, shown as they come.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    public void Heading(string text) => Line($"\n## {text}\n");

    public void Head(params string[] columns)
    {
        Row(columns);
        Line("|" + string.Concat(columns.Select((_, i) => i == 0 ? "---|" : "--:|")));
    }

    public void Row(params string[] cells) => Line("| " + string.Join(" | ", cells) + " |");

    public void Line(string text)
    {
        Console.WriteLine(text);
        _text.Append(text).Append('\n');
    }

    public void Save(string path) => File.WriteAllText(path, _text.ToString());

    public static string Millions(double perSecond)
    {
        var millions = perSecond / 1e6;
        return millions.ToString(millions >= 100 ? "0" : millions >= 10 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
    }

    public static string Number(double value, string format = "0.00") =>
        value.ToString(format, CultureInfo.InvariantCulture);
}
