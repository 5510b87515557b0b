using Xunit;

namespace Cep.Tests.Laws;

/// <summary>Rules come and go while others go on.</summary>
public sealed class ReplaceLawTests
{
    [Fact]
    public void Alerts_OfARuleWhileOthersComeAndGo_AreTheSame() => Law.Holds(
        test =>
        {
            var random = new Random(test.Seed);
            var maker = new RuleMaker(random, 1);
            using var undisturbed = LawRun.Of(test.Compile(), test);
            using var disturbed = LawRun.Of(
                test.Compile(), test, workers: random.Next(1, 3), replace: i =>
                {
                    if (random.Next(5) > 0)
                        return null;
                    var others = test.Rules.Skip(1).Where(_ => random.Next(2) == 0)
                        .Concat(Enumerable.Range(0, random.Next(3)).Select(n => maker.Make(100 + i * 10 + n)))
                        .OrderBy(_ => random.Next());
                    return (test with { Rules = [test.Rules[0], .. others] }).Compile();
                });
            var rule = test.Rules[0].Id;
            return Law.Difference(undisturbed.AlertsOf(rule), disturbed.AlertsOf(rule));
        },
        cases: 200,
        events: 120);

    [Fact]
    public void AlertsAndAccounts_ReplacedByTheSameRules_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var undisturbed = LawRun.Of(plan, test);
            using var replaced = LawRun.Of(plan, test, replace: _ => test.Compile());
            var (was, now) = (undisturbed.Ledger, replaced.Ledger);
            return Law.Difference(undisturbed.Alerts, replaced.Alerts)
                ?? Law.Difference([.. was.Rules.Select(r => $"{r}")], [.. now.Rules.Select(r => $"{r}")])
                ?? Law.Difference([.. was.Streams.Select(r => $"{r}")], [.. now.Streams.Select(r => $"{r}")]);
        },
        cases: 100);
}
