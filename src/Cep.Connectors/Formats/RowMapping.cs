using System.Buffers.Text;
using System.Text;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Where the fields of rows come from: members of other names, places inside the payload, levels of the topic. One
/// thread.
/// </summary>
internal sealed class RowMapping
{
    private readonly List<(int Field, FieldSchema Schema, int? Level)> _topics = [];
    private byte[] _topic = [];

    /// <exception cref="InvalidDataException">There is no such field, or it can't come from there.</exception>
    public RowMapping(StreamSchema schema, IReadOnlyDictionary<string, FieldSource> sources)
    {
        Members = [.. schema.Fields.Select(f => sources.ContainsKey(f.Name) ? null : f.Name)];
        foreach (var (name, source) in sources.OrderBy(s => s.Key, StringComparer.Ordinal))
        {
            var field = schema.IndexOf(name);
            if (field < 0)
                throw new InvalidDataException($"'{name}' is mapped, but the stream '{schema.Name}' has no such field");
            if (source is TopicSource topic)
                Add(field, schema.Fields[field], topic.Level);
            else
                Add(field, (PathSource)source);
        }
    }

    /// <summary>For each field the member of the payload that it comes from, or null.</summary>
    public string?[] Members { get; }

    /// <summary>The places inside the payload that fields come from, or null where there are none.</summary>
    public JsonPathNode? Paths { get; private set; }

    /// <summary>The topic of the next rows.</summary>
    public void SetTopic(ReadOnlySpan<byte> topic)
    {
        if (_topics.Count > 0 && !topic.SequenceEqual(_topic))
            _topic = topic.ToArray();
    }

    /// <summary>Sets the fields that come from the topic.</summary>
    /// <returns>Why one can't be set, or null.</returns>
    public string? Fill(RowWriter row)
    {
        foreach (var (field, schema, level) in _topics)
        {
            row.Take(field);
            if (row.ColumnOf(field) is not { } column)
                continue;
            var part = level is { } number ? LevelAt(number, out var isThere) : All(out isThere);
            if (!isThere)
                row.SetNull(column);
            else if (!TrySet(column, row.Row, part))
                return $"field '{schema.Name}' must be {JsonValues.NameOf(schema.Type)}, "
                    + $"but is '{JsonValues.Cut(Encoding.UTF8.GetString(part))}' in the topic";
        }

        return null;
    }

    private static bool TrySet(Column column, int row, ReadOnlySpan<byte> part)
    {
        switch (column.Type)
        {
            case DataType.String:
                column.Codes[row] = column.Pool.Add(part);
                return true;
            case DataType.Integer:
                return Utf8Parser.TryParse(part, out column.Longs[row], out var read) && read == part.Length;
            default:
                return Utf8Parser.TryParse(part, out column.Doubles[row], out var length) && length == part.Length
                    && double.IsFinite(column.Doubles[row]);
        }
    }

    private ReadOnlySpan<byte> All(out bool isThere)
    {
        isThere = true;
        return _topic;
    }

    private ReadOnlySpan<byte> LevelAt(int number, out bool isThere)
    {
        var rest = _topic.AsSpan();
        while (true)
        {
            var slash = rest.IndexOf((byte)'/');
            isThere = number == 0 || slash >= 0;
            if (number-- == 0)
                return slash < 0 ? rest : rest[..slash];
            if (slash < 0)
                return default;
            rest = rest[(slash + 1)..];
        }
    }

    private void Add(int field, FieldSchema schema, int? level)
    {
        if (schema.Type is not (DataType.String or DataType.Integer or DataType.Number))
            throw new InvalidDataException(
                $"'{schema.Name}' comes from the topic, which gives texts and numbers, not {schema.Type}");
        _topics.Add((field, schema, level));
    }

    private void Add(int field, PathSource path)
    {
        // a member that no other field takes costs what one of the field's own name does
        if (path.Steps is [string name] && !Members.Contains(name))
            Members[field] = name;
        else
            (Paths ??= new JsonPathNode()).Add([.. path.Steps], field);
    }
}
