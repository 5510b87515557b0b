using Cep.Connectors;
using Cep.Host.Backtesting;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Running;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

/// <summary>
/// What the wall clock decides is kept too: a replay finds the same silence, at the same place.
/// </summary>
public sealed class SilenceTests : IDisposable
{
    private const string Yaml =
        """
        streams:
          payments:
            {time: ts, idle: 5s, fields: {ts: timestamp, card: string, country: string, amount: number}}
        rules:
          - {rule: quiet, on: payments, by: card, silent: 20s}
        """;

    private readonly TempFolder _folder = new();

    [Fact]
    public async Task AStreamThatFallsSilent_IsFoundSilentByAReplayToo()
    {
        var (rules, clock, sink) = (CrashRules.Texts(Yaml), new ManualClock(), new RecordingSink("all"));
        for (var life = 1; life <= 3; life++)
        {
            await RunAsync(rules, clock, sink, life);
            using var reader = EmbeddedReader.Open(_folder.Path);
            var result = new Verification(reader, Assert.Fail).Run(long.MinValue, 1);
            Assert.Empty(result.Differences);
            Assert.True(result.Same >= life, $"{result.Same} alerts");
            var again = Comparison.Run(
                () => EmbeddedReader.Open(_folder.Path), rules, rules, new BacktestOptions(),
                d => Assert.Fail(d.ToString()));
            Assert.Equal(result.Same, again.Both.Values.Sum());
        }

        using var kept = EmbeddedReader.Open(_folder.Path);
        Assert.Contains(kept.ReadJournal(1, long.MaxValue, _ => false), r => r.Kind == RecordKind.Idle);
    }

    public void Dispose() => _folder.Dispose();

    private async Task RunAsync(RuleTexts rules, ManualClock clock, RecordingSink sink, int life)
    {
        var deployment = new Deployment
        {
            Rules = [],
            Sources = [],
            State = new StateSettings(_folder.Path) { Checkpoint = TimeSpan.FromDays(1) },
            Sinks = [new StdoutSettings(sink.Name)],
        };
        var store = EmbeddedStore.Open(_folder.Path, new EmbeddedOptions(false));
        var state = KeptState.Open(store, deployment, rules, clock, _ => { });
        var source = new ScriptedSource("payments", ScriptedSource.Script(rules.Plan, "payments", life, 20 * life));
        using var stop = new CancellationTokenSource();
        using var running = new RunningDeployment(state, [source], new ISink[] { sink }, deployment, clock, _ => { });
        var run = running.RunAsync(stop.Token);
        await source.Done.WaitAsync(TimeSpan.FromMinutes(1));
        var before = sink.Sent.Count;
        await Eventually.HoldsAsync(() =>
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            return sink.Sent.Count > before || run.IsCompleted;
        });
        await stop.CancelAsync();
        await run.WaitAsync(TimeSpan.FromMinutes(1));
    }
}
