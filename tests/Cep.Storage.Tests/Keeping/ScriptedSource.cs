using System.Globalization;
using System.Text;
using Cep.Connectors;
using Cep.Events;
using Cep.Plans;

namespace Cep.Storage.Tests.Keeping;

/// <summary>
/// The same batches in every run, from where it had come; done when the last one is kept. Marks go with every batch,
/// and what is acknowledged is remembered across crashes.
/// </summary>
internal sealed class ScriptedSource(string stream, IReadOnlyList<Func<EventBatch>> script) : ISource
{
    // so many are on their way at a time: else all would be kept by a few commits
    private readonly SemaphoreSlim _room = new(3);
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _last;

    public string Name => "script " + stream;

    public string Stream => stream;

    public Task Done => _done.Task;

    /// <summary>How many batches were acknowledged, in this run or an earlier one.</summary>
    public int Acknowledged { get; set; }

    /// <summary>Events of both streams; about one in thirty is rejected, some come late, some twice.</summary>
    public static List<Func<EventBatch>> Script(EnginePlan plan, string stream, int seed, int batches)
    {
        var schema = plan.Streams.First(s => s.Schema.Name == stream).Schema;
        var script = new List<Func<EventBatch>>();
        for (var i = 0; i < batches; i++)
        {
            var index = i;
            script.Add(() => Batch(schema, new Random(seed * 1000 + index), 1_767_225_600_000 + index * 1500L));
        }

        return script;
    }

    public async Task RunAsync(Intake intake, CancellationToken stop)
    {
        var from = intake.LastMark("") is { } mark
            ? int.Parse(Encoding.ASCII.GetString(mark), CultureInfo.InvariantCulture)
            : 0;
        Assert.True(from >= Acknowledged, $"{from} kept, but {Acknowledged} acknowledged");
        _last = from;
        for (var i = from; i < script.Count; i++)
        {
            var next = i + 1;
            await _room.WaitAsync(stop);
            await intake.AcceptAsync(new Arrival(script[i]())
            {
                Mark = new SourceMark("", Encoding.ASCII.GetBytes(next.ToString(CultureInfo.InvariantCulture))),
                Kept = () => Keep(next),
            }, stop);
        }

        if (from == script.Count)
            _done.TrySetResult();
        await Task.Delay(Timeout.Infinite, stop);
    }

    private void Keep(int next)
    {
        Assert.Equal(++_last, next);
        Acknowledged = next;
        _room.Release();
        if (next == script.Count)
            _done.TrySetResult();
    }

    private static EventBatch Batch(StreamSchema schema, Random random, long startMs)
    {
        var builder = new EventBatchBuilder(schema);
        for (var n = random.Next(12); n > 0; n--)
        {
            var row = builder.Count;
            builder.Columns[0].Longs[row] = startMs + random.Next(-4000, 1500);
            builder.Columns[1].SetValue(row, "c" + random.Next(6));
            if (schema.Name == "payments")
            {
                builder.Columns[2].SetValue(row, random.Next(9) == 0 ? null : "C" + random.Next(3));
                builder.Columns[3].SetValue(row, random.Next(10_000) / 100.0);
            }
            else
            {
                builder.Columns[2].SetBit(row, random.Next(4) > 0);
            }

            if (random.Next(30) == 0)
                builder.Reject("no good", "raw");
            else
                builder.Commit();
        }

        var batch = builder.Build(startMs - (random.Next(20) == 0 ? 7_200_000 : 0));
        batch.Duplicates = random.Next(10) == 0 ? 1 : 0;
        return batch;
    }
}
