using Cep.Plans;
using Cep.Events;

namespace Cep.Alerts;

/// <summary>An event that an alert rests on: a row of a batch.</summary>
/// <param name="Step">The pattern's step that took it; null where there are no steps.</param>
/// <param name="Batch">The batch that holds it.</param>
/// <param name="Row">Its row there.</param>
public sealed record Evidence(string? Step, EventBatch Batch, int Row)
{
    public string Stream => Batch.Schema.Name;

    /// <summary>Its position in the stream, from 0.</summary>
    public long Position => Batch.Positions[Row];

    /// <summary>Its event time, ms since the epoch.</summary>
    public long TimeMs => Batch.Times[Row];

    /// <summary>
    /// Its fields that are not null, by name, in the order of the schema (values as in <see cref="Alert.Fields"/>).
    /// </summary>
    public IEnumerable<KeyValuePair<string, object?>> Event
    {
        get
        {
            for (var i = 0; i < Batch.Columns.Length; i++)
            {
                if (Batch.Columns[i] is { } column && !column.IsNull(Row))
                    yield return new(Batch.Schema.Fields[i].Name, ShownValue.Of(column.ValueAt(Row), column.Type));
            }
        }
    }
}

/// <summary>What a rule has to say: see "Alerts" of the rule language.</summary>
public sealed record Alert
{
    /// <summary>The same for the same detection in every run: of rule, key, time and the evidence's contents.</summary>
    public required string Id { get; init; }

    public required string Rule { get; init; }

    /// <summary>Event time, ms since the epoch.</summary>
    public required long AtMs { get; init; }

    public required AlertStatus Status { get; init; }

    public required Plans.Severity Severity { get; init; }

    public required IReadOnlyList<KeyValuePair<string, object?>> Key { get; init; }

    public required string Message { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; }

    /// <summary>
    /// Values of let, select and alert.fields: bool, long, double, string, object?[] or null; a timestamp is a
    /// DateTimeOffset, a duration a TimeSpan.
    /// </summary>
    public required IReadOnlyList<KeyValuePair<string, object?>> Fields { get; init; }

    public required IReadOnlyList<Evidence> Evidence { get; init; }

    /// <summary>Start and end of the window reported (ms), or null.</summary>
    public (long StartMs, long EndMs)? Window { get; init; }

    /// <summary>How often the window was reported again; null where there is no window.</summary>
    public int? Revision { get; init; }

    /// <summary>How many alerts <c>dedupe</c> held back since the last one sent.</summary>
    public long Suppressed { get; init; }

    /// <summary>True for a rule in shadow mode: recorded, not delivered.</summary>
    public bool Shadow { get; init; }
}
