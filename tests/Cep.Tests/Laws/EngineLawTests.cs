using Xunit;

namespace Cep.Tests.Laws;

/// <summary>What must hold for all rules and all inputs.</summary>
public sealed class EngineLawTests
{
    [Fact]
    public void Alerts_OtherOrderOfArrival_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var inOrder = LawRun.Of(plan, test);
            using var shuffled = LawRun.Of(plan, test.Shuffled(new Random(test.Seed)));
            return Law.Difference(inOrder.Alerts, shuffled.Alerts);
        },
        cases: 200,
        orderly: true);

    [Fact]
    public void Alerts_OtherBatches_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var single = LawRun.Of(plan, test);
            using var whole = LawRun.Of(plan, test, cut: _ => false);
            var random = new Random(test.Seed);
            using var mixed = LawRun.Of(plan, test, cut: _ => random.Next(5) == 0);
            return Law.Difference(single.Alerts, whole.Alerts) ?? Law.Difference(single.Alerts, mixed.Alerts);
        },
        cases: 200);

    [Fact]
    public void Alerts_MoreWorkers_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var one = LawRun.Of(plan, test, cut: i => i % 7 == 6);
            using var two = LawRun.Of(plan, test, cut: i => i % 7 == 6, workers: 2);
            using var four = LawRun.Of(plan, test, cut: i => i % 7 == 6, workers: 4);
            return Law.Difference(one.Alerts, two.Alerts) ?? Law.Difference(one.Alerts, four.Alerts);
        },
        cases: 150);

    [Fact]
    public void Alerts_MoreWorkersOnThreadsOfTheirOwn_AreTheSame() => Law.Holds(
        test =>
        {
            // batches so large that waking the workers is worth it
            var plan = test.Compile();
            using var one = LawRun.Of(plan, test, cut: i => i % 300 == 299);
            using var two = LawRun.Of(plan, test, cut: i => i % 300 == 299, workers: 2);
            using var three = LawRun.Of(plan, test, cut: i => i % 300 == 299, workers: 3);
            return Law.Difference(one.Alerts, two.Alerts) ?? Law.Difference(one.Alerts, three.Alerts);
        },
        cases: 20,
        events: 1000);

    [Fact]
    public void Alerts_SavedAndRestoredAtEveryInput_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var unbroken = LawRun.Of(plan, test);
            using var restored = LawRun.Of(plan, test, restore: _ => 1);
            return Law.Difference(unbroken.Alerts, restored.Alerts) ?? Accounts(unbroken.Ledger, restored.Ledger);
        },
        cases: 150);

    [Fact]
    public void Alerts_RestoredWithOtherWorkers_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var unbroken = LawRun.Of(plan, test);
            var random = new Random(test.Seed);
            using var restored = LawRun.Of(plan, test, restore: _ => random.Next(4));
            return Law.Difference(unbroken.Alerts, restored.Alerts) ?? Accounts(unbroken.Ledger, restored.Ledger);
        },
        cases: 120);

    [Fact]
    public void Alerts_KeysLetGoOfAtOnce_AreTheSame() => Law.Holds(
        test =>
        {
            var plan = test.Compile();
            using var kept = LawRun.Of(plan, test);
            using var swept = LawRun.Of(plan, test, sweeps: true);
            using var restored = LawRun.Of(plan, test, restore: i => i % 4 == 0 ? 2 : 0, sweeps: true);
            return Law.Difference(kept.Alerts, swept.Alerts) ?? Law.Difference(kept.Alerts, restored.Alerts);
        },
        cases: 120,
        events: 120);

    [Fact]
    public void Alerts_OfARuleAlone_AreTheSameAsAmongOthers() => Law.Holds(
        test =>
        {
            using var together = LawRun.Of(test.Compile(), test);
            var apart = new List<string>();
            foreach (var rule in test.Rules)
            {
                using var alone = LawRun.Of((test with { Rules = [rule] }).Compile(), test);
                apart.AddRange(alone.Alerts);
            }

            return Law.Difference(together.Alerts, apart);
        },
        cases: 120);

    [Fact]
    public void Ledger_OfAnyInput_EqualsAnIndependentCount() => Law.Holds(
        test =>
        {
            var whole = test with { Completes = true };
            using var run = LawRun.Of(test.Compile(), whole, cut: i => i % 5 == 4, workers: 2);
            return LedgerCount.Fault(test, run.Ledger);
        },
        cases: 150);

    private static string? Accounts(Ledger expected, Ledger found)
    {
        if (!expected.Streams.SequenceEqual(found.Streams))
            return $"{string.Join('\n', expected.Streams)}\nbut\n{string.Join('\n', found.Streams)}";
        return expected.Rules.SequenceEqual(found.Rules)
            ? null
            : $"{string.Join('\n', expected.Rules)}\nbut\n{string.Join('\n', found.Rules)}";
    }
}
