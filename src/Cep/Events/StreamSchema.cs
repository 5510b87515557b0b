namespace Cep.Events;

/// <summary>A field of a stream: its name and type; <paramref name="Element"/> is the type of a list's items.</summary>
public sealed record FieldSchema(string Name, DataType Type, DataType Element = DataType.Any);

/// <summary>
/// The fields of a stream's events. <see cref="TimeField"/> is the index of the field that holds the event time,
/// or -1 where the time of arrival counts.
/// </summary>
public sealed class StreamSchema
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">Two fields have one name, or the time field is not a timestamp.</exception>
    public StreamSchema(string name, IReadOnlyList<FieldSchema> fields, string? timeField = null)
    {
        Name = name;
        Fields = [.. fields];
        for (var i = 0; i < Fields.Length; i++)
            if (!_indexes.TryAdd(Fields[i].Name, i))
                throw new ArgumentException(
                    $"The field '{Fields[i].Name}' of stream '{name}' is declared twice.", nameof(fields));
        TimeField = timeField is null ? -1 : IndexOf(timeField);
        if (timeField is not null && (TimeField < 0 || Fields[TimeField].Type != DataType.Timestamp))
            throw new ArgumentException(
                $"The time field '{timeField}' of stream '{name}' must be a declared timestamp.", nameof(timeField));
    }

    public string Name { get; }

    public FieldSchema[] Fields { get; }

    public int TimeField { get; }

    /// <summary>The index of the field of this name, or -1.</summary>
    public int IndexOf(string field) => _indexes.GetValueOrDefault(field, -1);
}
