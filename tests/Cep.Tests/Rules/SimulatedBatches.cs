using System.Text.Json;
using Cep.Events;
using Cep.Plans;
using Cep.Simulators;

namespace Cep.Tests.Rules;

/// <summary>Simulated events as batches for an engine, in arrival order.</summary>
internal static class SimulatedBatches
{
    public static IEnumerable<EventBatch> Of(
        IEnumerable<SimulatedEvent> events, IReadOnlyList<StreamPlan> streams, int rows)
    {
        var builders = streams.ToDictionary(s => s.Schema.Name, s => new EventBatchBuilder(s.Schema, rows + 1));
        EventBatchBuilder? current = null;
        foreach (var e in events)
        {
            var builder = builders[e.Stream];
            if (current is not null && (current != builder || current.Count == rows))
                yield return current.Build();
            current = builder;
            Fill(builder, e.Json);
        }

        if (current is not null)
            yield return current.Build();
    }

    private static void Fill(EventBatchBuilder builder, ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        for (var i = 0; i < builder.Schema.Fields.Length; i++)
        {
            var field = builder.Schema.Fields[i];
            var isThere = document.RootElement.TryGetProperty(field.Name, out var value);
            builder.Columns[i].SetValue(builder.Count, isThere ? Value(value, field.Type) : null);
        }

        builder.Commit();
    }

    private static object? Value(JsonElement value, DataType type) => type switch
    {
        DataType.Bool => value.GetBoolean(),
        DataType.Number => value.GetDouble(),
        DataType.String => value.GetString(),
        _ => value.GetInt64(),
    };
}
