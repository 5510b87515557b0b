using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>Does the put-off look-ups of a batch's string columns.</summary>
internal sealed unsafe class StringColumns(EventBatchBuilder builder)
{
    private readonly StringCache?[] _caches =
        [.. builder.Schema.Fields.Select(f => f.Type == DataType.String ? new StringCache() : null)];
    private int _done;

    /// <summary>Resolves the rows committed since the last call, whose texts are in <paramref name="input"/>.</summary>
    public void Resolve(byte* input)
    {
        for (var field = 0; field < _caches.Length; field++)
            if (_caches[field] is { } cache && builder.Columns[field] is { } column)
                cache.Resolve(column.Pool, input, column.Codes.AsSpan(_done, builder.Count - _done));
        _done = builder.Count;
    }

    /// <summary>The next rows are those of a new batch.</summary>
    public void Reset() => _done = 0;
}
