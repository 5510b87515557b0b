using Cep.Host.Keeping;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

public sealed class RetentionTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualClock _clock = new();

    [Fact]
    public void ByAge_WhatIsOldGoes_ButNotWhatRecoveryNeeds()
    {
        using var store = Filled(days: 5);
        Apply(store, TimeSpan.FromDays(2), long.MaxValue);

        // the clock stands at the end of the fifth day; the thirtieth record is just two days old
        Assert.Equal(30, store.Size().FirstSequence);
        Assert.Equal([50L, 40, 30], store.Checkpoints().Select(c => c.Sequence));
        Apply(store, TimeSpan.Zero, long.MaxValue);
        Assert.Equal(41, store.Size().FirstSequence);
        Assert.Equal([50L, 40], store.Checkpoints().Select(c => c.Sequence));
        Assert.Equal([51L], store.ReadJournal(51, 60, _ => false).Select(r => r.Sequence));
    }

    [Fact]
    public void BySize_TheOldestGoes_UntilItFits()
    {
        using var store = Filled(days: 5);
        var bytes = store.Size().Bytes;
        Apply(store, TimeSpan.FromDays(100), bytes / 2);
        Assert.InRange(store.Size().Bytes, bytes / 3, bytes / 2 + bytes / 8);
        Assert.InRange(store.Size().FirstSequence, 20, 35);
        Apply(store, TimeSpan.FromDays(100), 1);
        Assert.Equal(41, store.Size().FirstSequence);
    }

    [Fact]
    public async Task ADeployment_LetsGoAsItRuns_AndStillRecovers()
    {
        using var undisturbed = new World(12, 100);
        await undisturbed.RunAsync();
        using var world = new World(12, 100)
        {
            State = new("") { Checkpoint = TimeSpan.FromMilliseconds(1), RetainAge = TimeSpan.Zero, RetainBytes = 1 },
        };
        for (var n = 0; await world.RunAsync(n < 8 ? 40 : 0) is null; n++)
        {
        }

        Assert.Equal(undisturbed.All.Sent.Keys.Order(), world.All.Sent.Keys.Order());
        using var reader = EmbeddedReader.Open(world.Folder);
        Assert.True(reader.Size().FirstSequence > 50, $"{reader.Size()}");
        Assert.Equal(2, reader.Checkpoints().Count);
    }

    public void Dispose() => _folder.Dispose();

    private void Apply(EmbeddedStore store, TimeSpan age, long bytes)
    {
        foreach (var write in new Retention(age, bytes, _clock).Steps(store).ToList())
            store.Commit([write]);
    }

    /// <summary>Ten records a day, at its end a checkpoint of them; one record more.</summary>
    private EmbeddedStore Filled(int days)
    {
        var store = EmbeddedStore.Open(_folder.Path, new EmbeddedOptions(false));
        for (var i = 1; i <= days * 10; i++)
        {
            _clock.Advance(TimeSpan.FromDays(0.1));
            var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
            store.Commit([new KeepRecord(new JournalRecord(i, RecordKind.Events, new byte[50_000]) { KeptMs = now })]);
            if (i % 10 == 0)
                store.Commit([new KeepPiece(i, "engine", 0, new byte[1000]),
                    new KeepCheckpoint(new CheckpointInfo(i, i, "r", now, []))]);
        }

        store.Commit([new KeepRecord(new JournalRecord(days * 10 + 1, RecordKind.Events, new byte[10]))]);
        return store;
    }
}
