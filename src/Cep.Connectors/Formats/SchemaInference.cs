using System.Globalization;
using System.Text;
using System.Text.Json;
using Cep.Connectors.Files;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Makes a <c>streams:</c> declaration from sample events.</summary>
public sealed class SchemaInference
{
    private static readonly string[] TimeNames =
        ["ts", "time", "timestamp", "event_time", "eventtime", "datetime", "date", "created_at", "at"];

    private static readonly long[] Disorders =
        [1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000];

    private readonly Dictionary<string, FieldSample> _fields = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private long _events;

    /// <summary>The declaration as YAML.</summary>
    /// <param name="path">NDJSON or CSV, plain or gzipped, or <c>-</c>.</param>
    /// <param name="name">The stream's name; null: after the file.</param>
    /// <param name="maxEvents">How many events are looked at.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">It holds no event.</exception>
    public static string Infer(string path, string? name = null, int maxEvents = 100_000)
    {
        var inference = new SchemaInference();
        using (var stream = InputFile.Open(path, out var format))
        {
            if (format == InputFormat.Csv)
                inference.ReadCsv(stream, maxEvents);
            else
                inference.ReadNdjson(stream, maxEvents);
        }

        if (inference._events == 0)
            throw new InvalidDataException($"{path}: no event found");
        return inference.Declaration(name ?? NameAfter(path));
    }

    private void ReadNdjson(Stream stream, int maxEvents)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (_events < maxEvents && reader.ReadLine() is { } line)
        {
            try
            {
                using var document = JsonDocument.Parse(line);
                if (document.RootElement.ValueKind != JsonValueKind.Object)
                    continue;
                foreach (var member in document.RootElement.EnumerateObject())
                    Field(member.Name).AddJson(member.Value);
                _events++;
            }
            catch (JsonException)
            {
                // a broken line says nothing about the others
            }
        }
    }

    private void ReadCsv(Stream stream, int maxEvents)
    {
        var header = new CsvHeader();
        var pump = new DecodePump(stream, header, 1 << 20, 4096, prompt: false);
        while (_events < maxEvents && pump.Next() is { } batch)
        {
            for (var row = 0; row < batch.Count; row++)
                for (var field = 0; field < batch.Columns.Length; field++)
                    Field(batch.Schema.Fields[field].Name).AddText((string?)batch.Columns[field].ValueAt(row));
            _events += batch.Count;
        }
    }

    private FieldSample Field(string name)
    {
        if (_fields.TryGetValue(name, out var field))
            return field;
        _order.Add(name);
        return _fields[name] = new FieldSample();
    }

    private string Declaration(string stream)
    {
        var time = TimeField();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"streams:\n  {stream}:\n");
        if (time is null)
            text.Append("    # no field is always a time: events count as of their arrival\n");
        else
            text.Append(CultureInfo.InvariantCulture, $"    time: {time}\n");
        if (time is not null && _fields[time].DisorderMs > 0)
        {
            var seen = DurationText.Format(_fields[time].DisorderMs);
            text.Append(
                CultureInfo.InvariantCulture,
                $"    out_of_order: {DurationText.Format(Bound(_fields[time].DisorderMs))}");
            text.Append(CultureInfo.InvariantCulture, $"    # the sample is out of order by up to {seen}\n");
        }

        text.Append("    fields:\n");
        foreach (var name in _order)
            text.Append(CultureInfo.InvariantCulture, $"      {Line(name)}\n");
        return text.ToString();
    }

    private string Line(string name)
    {
        var field = _fields[name];
        var missing = _events - field.Values;
        var nulls = missing > 0 ? $"    # null in {100.0 * missing / _events:0.#} %" : "";
        var seconds = field.LooksLikeSeconds
            && TimeNames.Contains(name)
            ? "    # seconds? a timestamp has milliseconds"
            : "";
        return IsName(name)
            ? string.Create(CultureInfo.InvariantCulture, $"{name}: {field.TypeName}{nulls}{seconds}")
            : $"# '{name}' can't be a field: names are [a-z_][a-z0-9_]*";
    }

    private string? TimeField()
    {
        var candidates = _order.Where(n => IsName(n) && _fields[n].IsTime && _fields[n].Values == _events).ToList();
        return candidates.MinBy(n => Array.IndexOf(TimeNames, n) is var i and >= 0 ? i : TimeNames.Length);
    }

    private static long Bound(long disorderMs)
    {
        foreach (var bound in Disorders)
            if (disorderMs <= bound)
                return bound;
        return (disorderMs / 86_400_000 + 1) * 86_400_000;
    }

    private static bool IsName(string name) =>
        name.Length > 0
            && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    private static string NameAfter(string path)
    {
        var name = path == "-" ? "events" : Path.GetFileName(path).Split('.')[0].ToLowerInvariant();
        name = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return IsName(name) ? name : "s_" + name;
    }
}
