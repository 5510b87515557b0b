using Cep.Host.Backtesting;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

public sealed class BacktestTests
{
    [Fact]
    public async Task Verification_OfAnyRun_FindsNothing_AndOfTamperedHistoryWhatIsWrong()
    {
        using var world = new World(8, 80);
        for (var n = 0; n < 5; n++)
            await world.RunAsync(25, n % 2 == 0);
        Assert.NotNull(await world.RunAsync());
        var whole = Verify(world, long.MinValue);
        Assert.Empty(whole.Differences);
        Assert.True(whole.Same > 100, $"{whole.Same} alerts");
        Assert.Equal(1, whole.FromSequence);

        // from the last checkpoint on there is nothing left to replay
        var late = Verify(world, long.MaxValue);
        Assert.Equal((0, 0), (late.Records, late.Same));

        using (var database = Database.Open(Path.Combine(world.Folder, "cep.db"), create: false, 1000))
            database.Execute("update alerts set id = 'forged' where place = 7; delete from alerts where place = 9");
        var tampered = Verify(world, long.MinValue);
        Assert.Equal(whole.Same - 2, tampered.Same);
        Assert.Equal(3, tampered.Differences.Count);
        Assert.Equal("forged", tampered.Differences.Single(d => d.Replayed is null).Id);
    }

    [Fact]
    public async Task Verification_GoesOnAcrossAChangeOfRules()
    {
        using var world = new World(9, 80);
        await world.RunAsync(25);
        world.Rules = CrashRules.Texts(CrashRules.Yaml.Replace("n >= 4", "n >= 3", StringComparison.Ordinal));
        await world.RunAsync(25);
        Assert.NotNull(await world.RunAsync());
        Assert.Contains("state: the rules have changed: many has changed", world.Log);
        var result = Verify(world, long.MinValue);
        Assert.Empty(result.Differences);
    }

    [Fact]
    public async Task TheSameRules_RaiseTheSame_AndOthersTheDifference()
    {
        using var world = new World(10, 80);
        Assert.NotNull(await world.RunAsync());
        var same = Compare(world, CrashRules.Yaml, new BacktestOptions());
        Assert.Empty(same.New);
        Assert.Empty(same.Gone);
        Assert.True(same.Events > 300);

        // what the deployment raised is what a backtest of its rules over the whole journal finds
        using (var reader = EmbeddedReader.Open(world.Folder))
            Assert.Equal(reader.Alerts(0, 100_000).Count(), same.Both.Values.Sum());

        var other = Compare(
            world, CrashRules.Yaml.Replace("n > 2", "n > 3", StringComparison.Ordinal), new BacktestOptions());
        Assert.Empty(other.New);
        Assert.NotEmpty(other.Gone);
        Assert.All(other.Gone, a => Assert.Equal("totals", a.Rule));
        Assert.Equal(same.Both["totals"], other.Both["totals"] + other.Gone.Count);
    }

    [Fact]
    public async Task ARange_HoldsOnlyWhatFallsIntoIt()
    {
        using var world = new World(11, 80);
        Assert.NotNull(await world.RunAsync());
        const long From = 1_767_225_600_000 + 30_000;
        const long To = From + 60_000;
        var cold = Compare(world, CrashRules.Yaml, new BacktestOptions(From, To));
        var warm = Compare(world, CrashRules.Yaml, new BacktestOptions(From, To, WarmUpMs: 3_600_000));
        Assert.True(cold.Events < warm.Events);
        using var reader = EmbeddedReader.Open(world.Folder);
        var raised = reader.Alerts(0, 100_000).Count(a => a.Alert.AtMs is >= From and < To);
        Assert.True(raised > 20);

        // warmed up with all there is, it raises what was raised then
        Assert.Equal(raised, warm.Both.Values.Sum());
    }

    private static VerificationResult Verify(World world, long sinceMs)
    {
        using var reader = EmbeddedReader.Open(world.Folder);
        return new Verification(reader, _ => { }).Run(sinceMs, 2);
    }

    private static Comparison Compare(World world, string yaml, BacktestOptions options) => Comparison.Run(
        () => EmbeddedReader.Open(world.Folder), CrashRules.Texts(yaml), CrashRules.Texts(), options,
        d => Assert.Fail(d.ToString()));
}
