using Cep.Connectors;
using Cep.Events;
using Cep.Host.Keeping;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

public sealed class EntranceTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly RuleTexts _rules = CrashRules.Texts();

    [Fact]
    public async Task Sources_AreToldInOrder_AfterTheCommit_AndTheEngineGetsTheOrderOfTheJournal()
    {
        const int Each = 300;
        using var store = EmbeddedStore.Open(_folder.Path, new EmbeddedOptions(false));
        var entrance = new Entrance(store, _rules.Plan, EntranceStart.Beginning, null, TimeProvider.System);
        var run = Task.Run(entrance.RunAsync);
        var told = new List<(int Source, int Number)>();
        var early = 0;
        async Task OfferAsync(int source)
        {
            var intake = entrance.IntakeOf(new ScriptedSource("payments", []));
            for (var i = 1; i <= Each; i++)
            {
                var number = i;
                await intake.AcceptAsync(new Arrival(BatchOf(source, number))
                {
                    Mark = new SourceMark("s" + source, BitConverter.GetBytes(number)),
                    Kept = () =>
                    {
                        // on the store's own thread: it can be asked
                        told.Add((source, number));
                        if (BitConverter.ToInt32(store.Marks()[("script payments", "s" + source)]) < number)
                            early++;
                    },
                }, CancellationToken.None);
            }
        }

        var entries = new List<Entry>();
        async Task TakeAsync()
        {
            await foreach (var entry in entrance.Entries.ReadAllAsync())
            {
                entries.Add(entry);
                entrance.Taken();
            }
        }

        var taking = TakeAsync();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(s => Task.Run(() => OfferAsync(s))));
        entrance.CompleteArrivals();
        await taking;
        entrance.Complete();
        await run;

        Assert.Equal(0, early);
        for (var source = 0; source < 4; source++)
            Assert.Equal(Enumerable.Range(1, Each), told.Where(t => t.Source == source).Select(t => t.Number));
        Assert.Equal(Enumerable.Range(1, 4 * Each).Select(i => (long)i), entries.Select(e => e.Sequence));
        var kept = store.ReadJournal(1, long.MaxValue, _ => false).ToList();
        Assert.Equal(entries.Select(e => e.Batch!.Positions[0]), kept.Select(r => r.FirstPosition));
        Assert.Equal(told.Select(t => (double)t.Number), entries.Select(e => e.Batch!.Columns[3].Doubles[0]));
        Assert.Equal(4 * Each, store.Positions()["payments"]);
    }

    [Fact]
    public async Task WhereNothingCanBeKept_NobodyIsToldOtherwise()
    {
        using var store = new DyingStore(EmbeddedStore.Open(_folder.Path), 3, beforeLast: true);
        var entrance = new Entrance(store, _rules.Plan, EntranceStart.Beginning, null, TimeProvider.System);
        var run = Task.Run(entrance.RunAsync);
        var intake = entrance.IntakeOf(new ScriptedSource("payments", []));
        var told = 0;
        var offering = Task.Run(async () =>
        {
            for (var i = 1; ; i++)
            {
                var kept = new TaskCompletionSource();
                await intake.AcceptAsync(
                    new Arrival(BatchOf(0, i)) { Kept = () => { told++; kept.SetResult(); } }, CancellationToken.None);
                await Task.WhenAny(kept.Task, run);
            }
        });
        var failure = await Assert.ThrowsAsync<StoreException>(() => run);
        Assert.Equal("the process is dead", failure.Message);
        await Assert.ThrowsAnyAsync<Exception>(() => offering);
        Assert.Equal(2, told);
        Assert.Equal(2, store.Size().LastSequence);
        await Assert.ThrowsAnyAsync<Exception>(() => entrance.KeepAsync([]).AsTask());
    }

    [Fact]
    public async Task AnEngineThatIsBehind_SlowsSourcesDown_AndNobodyElse()
    {
        using var store = EmbeddedStore.Open(_folder.Path, new EmbeddedOptions(false));
        var entrance = new Entrance(store, _rules.Plan, EntranceStart.Beginning, null, TimeProvider.System);
        var run = Task.Run(entrance.RunAsync);
        var intake = entrance.IntakeOf(new ScriptedSource("payments", []));
        var offered = 0;
        var offering = Task.Run(async () =>
        {
            for (var i = 1; i <= 2000; i++, offered = i)
                await intake.AcceptAsync(new Arrival(BatchOf(0, i)), CancellationToken.None);
        });
        await Eventually.HoldsAsync(() => entrance.Waiting == 256);
        Assert.InRange(offered, 256, 600);

        // what the engine itself wants kept goes through
        await await entrance.KeepAsync([new KeepPosition("other", 7)]);
        Assert.Equal(7, await entrance.AskAsync(s => s.Positions()["other"]));
        var taking = Task.Run(async () =>
        {
            var count = 0;
            await foreach (var _ in entrance.Entries.ReadAllAsync())
            {
                entrance.Taken();
                count++;
            }

            return count;
        });
        await offering.WaitAsync(TimeSpan.FromMinutes(1));
        entrance.CompleteArrivals();
        Assert.Equal(2000, await taking.WaitAsync(TimeSpan.FromMinutes(1)));
        entrance.Complete();
        await run;
    }

    public void Dispose() => _folder.Dispose();

    private EventBatch BatchOf(int source, int number)
    {
        var builder = new EventBatchBuilder(_rules.Plan.Streams.First(s => s.Schema.Name == "payments").Schema);
        builder.Columns[0].Longs[0] = 1_767_225_600_000 + number;
        builder.Columns[1].SetValue(0, "c" + source);
        builder.Columns[2].SetNull(0);
        builder.Columns[3].Doubles[0] = number;
        builder.Commit();
        return builder.Build();
    }
}
