using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

/// <summary>Promise: killed at any instant, a deployment raises the alerts of one that was not.</summary>
public sealed class CrashTests
{
    private const int Batches = 150;

    /// <summary>CEP_CRASHES: how many seeds.</summary>
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("CEP_CRASHES"), out var seeds) ? seeds : 12;

    [Fact]
    public async Task AfterAnyCrashes_TheAlertsAreThoseOfAnUndisturbedRun()
    {
        var deaths = 0;
        for (var seed = 1; seed <= Seeds; seed++)
        {
            using var undisturbed = new World(seed, Batches);
            var expected = await undisturbed.RunAsync();
            Assert.NotNull(expected);
            Assert.True(expected.Alerts > 250, $"{expected.Alerts} alerts");

            var random = new Random(seed);
            using var world = new World(seed, Batches);
            var summary = await world.RunAsync(random.Next(1, 20), random.Next(2) == 0);
            for (; summary is null; deaths++)
            {
                world.Workers = random.Next(1, 4);
                summary = await world.RunAsync(deaths % 12 == 11 ? 0 : random.Next(1, 60), random.Next(2) == 0);
            }

            AssertSame(undisturbed.All, world.All, seed);
            AssertSame(undisturbed.Some, world.Some, seed);
            Assert.Equal(expected.Ledger.Streams, summary.Ledger.Streams);
            Assert.Equal(expected.Ledger.Rules, summary.Ledger.Rules);
            Assert.True(summary.Ledger.Balances);
            Assert.Equal(Letters(undisturbed), Letters(world));
        }

        Assert.True(deaths >= Seeds * 2, $"{deaths} deaths");
    }

    [Fact]
    public async Task WithoutACheckpoint_TheJournalAloneIsEnough()
    {
        using var undisturbed = new World(3, 60);
        await undisturbed.RunAsync();
        using var world = new World(3, 60) { State = new("") { Checkpoint = TimeSpan.FromDays(1) } };
        for (var n = 0; await world.RunAsync(n < 5 ? 10 : 0) is null; n++)
        {
        }

        AssertSame(undisturbed.All, world.All, 3);
    }

    [Fact]
    public async Task ADamagedCheckpoint_IsPassedOver_AndTold()
    {
        using var undisturbed = new World(4, 80);
        await undisturbed.RunAsync();
        using var world = new World(4, 80);
        for (var n = 0; n < 6 && await world.RunAsync(12) is null; n++)
        {
            using var database = Database.Open(Path.Combine(world.Folder, "cep.db"), create: false, 1000);
            database.Execute(
                "update pieces set bytes = zeroblob(length(bytes)) where section = 'engine' and checkpoint = (select "
                + "max(id) from checkpoints)");
        }

        await world.RunAsync();
        AssertSame(undisturbed.All, world.All, 4);
        Assert.Contains(world.Log, l => l.Contains("is damaged: trying the one before", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ADamagedRecord_StopsTheStart_UnlessItIsToBeLeftOut()
    {
        using var world = new World(7, 40) { State = new("") { Checkpoint = TimeSpan.FromDays(1) } };
        Assert.Null(await world.RunAsync(10));
        using (var database = Database.Open(Path.Combine(world.Folder, "cep.db"), create: false, 1000))
            database.Execute("update journal set body = zeroblob(length(body)) where seq = 4");
        var told = await Assert.ThrowsAsync<StoreException>(() => world.RunAsync());
        Assert.Equal("record 4 of the journal can't be read: its checksum is wrong", told.Message);
        Assert.Contains(
            "state: record 4 of the journal is damaged: its checksum is wrong; "
            + "'engine: {damaged: skip}' goes on without it",
            world.Log);
        world.State = world.State with { SkipDamaged = true };
        Assert.NotNull(await world.RunAsync());
        Assert.Contains("state: record 4 of the journal is damaged: its checksum is wrong; left out", world.Log);
    }

    [Fact]
    public async Task WhatIsUndelivered_StaysPending_AndIsSentByTheNextRun()
    {
        using var undisturbed = new World(5, 60);
        await undisturbed.RunAsync();
        using var world = new World(5, 60) { DrainLimit = TimeSpan.FromMilliseconds(50) };
        var opened = new TaskCompletionSource();
        world.All.Open = opened.Task;
        for (var n = 0; n < 4; n++)
            await world.RunAsync(30);
        Assert.Empty(world.All.Sent);
        opened.SetResult();
        world.DrainLimit = TimeSpan.FromMinutes(1);
        Assert.NotNull(await world.RunAsync());
        AssertSame(undisturbed.All, world.All, 5);
        Assert.All(world.All.Sent.Values, bodies => Assert.Equal(1, bodies.Values.Single()));
    }

    [Fact]
    public async Task DeadDeliveries_AreSentWhenTheyAreAskedForAgain()
    {
        using var undisturbed = new World(6, 40);
        await undisturbed.RunAsync();
        using var world = new World(6, 40);
        world.All.Refused.UnionWith(undisturbed.All.Sent.Keys.Order(StringComparer.Ordinal).Take(5));
        var summary = await world.RunAsync();
        Assert.Equal(5, summary!.Undelivered);
        world.All.Refused.Clear();
        Assert.NotNull(await world.RunAsync());
        Assert.Equal(undisturbed.All.Sent.Count - 5, world.All.Sent.Count);
        using (var reader = EmbeddedReader.Open(world.Folder))
            Assert.Equal(5, reader.RetryDead("all", 0));
        Assert.NotNull(await world.RunAsync());
        AssertSame(undisturbed.All, world.All, 6);
    }

    private static void AssertSame(RecordingSink expected, RecordingSink found, int seed)
    {
        Assert.All(found.Sent, s => Assert.True(s.Value.Count == 1, $"seed {seed}: {string.Join('\n', s.Value.Keys)}"));
        var missing = expected.Sent.Keys.Except(found.Sent.Keys).ToList();
        var more = found.Sent.Keys.Except(expected.Sent.Keys).ToList();
        Assert.True(
            missing.Count == 0 && more.Count == 0,
            $"seed {seed}: {missing.Count} missing, {more.Count} too many of {expected.Sent.Count}");
        foreach (var (id, bodies) in expected.Sent)
            Assert.Equal(bodies.Keys.Single(), found.Sent[id].Keys.Single());
    }

    private static List<(string, string, long)> Letters(World world)
    {
        using var reader = EmbeddedReader.Open(world.Folder);
        return [.. reader.DeadLetters(0, 100_000).Select(l => l.Letter)
            .Select(l => (l.Kind, l.Stream, l.Position)).Order()];
    }
}
