using System.Buffers;
using System.Globalization;
using Cep.Alerts;
using Cep.Detection.Patterns;
using Cep.Events;
using Cep.Plans;
using Xunit;

namespace Cep.Tests.Patterns;

/// <summary>
/// The engine against the naive oracle, on random patterns and events. CEP_PATTERN_CASES and CEP_PATTERN_SEED vary how
/// many
/// and which.
/// </summary>
public sealed class PatternLawTests
{
    private static readonly int s_cases = Setting("CEP_PATTERN_CASES", 10000);
    private static readonly int s_seed = Setting("CEP_PATTERN_SEED", 1);

    [Fact]
    public void Engine_RandomPatterns_FindsWhatTheDefinitionSays() => ForEachCase(1, (pattern, events, random) =>
        Run(pattern.Plan, [events], cut: () => random.Next(1, 4)));

    [Fact]
    public void Engine_SavedAndRestoredAtEveryBatch_FindsTheSame() => ForEachCase(5, (pattern, events, _) =>
        Run(pattern.Plan, [events], cut: () => 1, isRestored: true));

    [Fact]
    public void Engine_SeveralWorkersAndKeys_FindsTheSame() => ForEachCase(5, (pattern, events, _) =>
        Run(pattern.Plan, [events, events, events], cut: () => 5, workers: 4));

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value
            : otherwise;

    private static void ForEachCase(int oneIn, Func<RandomPattern, List<OracleEvent>, Random, List<string>> run)
    {
        for (var i = 0; i < s_cases / oneIn; i++)
        {
            var seed = s_seed * 1_000_003 + i;
            var pattern = new RandomPattern(seed);
            var events = RandomPattern.Events(seed + 7);
            if (Expected(pattern, events) is not { } found)
                continue;
            List<string> expected = [.. found.Order(StringComparer.Ordinal)];

            var actual = run(pattern, events, new Random(seed));

            if (!expected.SequenceEqual(actual))
                Assert.Fail(Tell(i, pattern, events, expected, actual));
        }
    }

    private static List<string>? Expected(RandomPattern pattern, List<OracleEvent> events)
    {
        try
        {
            return
            [
                .. new PatternOracle(pattern.Plan, events, [.. pattern.Fits], [.. pattern.Ends]).Run()
                    .Select(m =>
                        $"{m.AtMs}: {string.Join(' ', m.Taken.Select(t => NameOf(pattern, t.Step) + t.Event))}"),
            ];
        }
        catch (OracleTiredException)
        {
            return null;
        }
    }

    private static string NameOf(RandomPattern pattern, int step) => pattern.Plan.Steps[step].Name;

    private static string Tell(int number, RandomPattern pattern, List<OracleEvent> events, List<string> expected,
        List<string> actual) =>
        $"""
         Case {number} of seed {s_seed}: {PatternText.Of(pattern.Plan)}
         {pattern.Plan with { Steps = [] }}
         {string.Join('\n', pattern.Texts.Select((text, i) => $"{NameOf(pattern, i)}: {text}"))}
         until: {string.Join(' ', pattern.Plan.Steps.Where(s => s.Until is not null).Select(s => s.Name))}
         {string.Join(' ', events.Select(e => $"{e.K}{e.V}@{e.TimeMs}"))}
         expected: {string.Join(", ", expected)}
         actual:   {string.Join(", ", actual)}
         """;

    /// <summary>What the engine reports for each key, which must be the same for all.</summary>
    private static List<string> Run(PatternPlan plan, List<List<OracleEvent>> keys, Func<int> cut,
        bool isRestored = false, int workers = 1)
    {
        var whole = new EnginePlan([new StreamPlan(RandomPattern.Schema)], [Rule(plan)]);
        var alerts = new List<Alert>();
        var engine = new Engine(whole, new EngineOptions(workers));
        engine.Alerts.Subscribe(alerts.AddRange);
        var builder = new EventBatchBuilder(RandomPattern.Schema, 4);
        for (var i = 0; i < keys[0].Count;)
        {
            for (var n = cut(); n > 0 && i < keys[0].Count; n--, i++)
                foreach (var (key, events) in keys.Index())
                    Add(builder, events[i], key);
            engine.Push(builder.Build());
            if (isRestored)
                engine = Restored(engine, whole, alerts);
        }

        engine.Complete();
        engine.Dispose();
        var perKey = alerts.ToLookup(a => (string?)a.Key[0].Value, a =>
            $"{a.AtMs}: {string.Join(' ', a.Evidence.Select(e => $"{e.Step}{e.Position / keys.Count}"))}");
        List<List<string>> all = [.. Enumerable.Range(0, keys.Count).Select(k =>
            perKey[$"k{k}"].Order(StringComparer.Ordinal).ToList())];
        return all.Find(a => !a.SequenceEqual(all[0])) ?? all[0];
    }

    private static Engine Restored(Engine engine, EnginePlan plan, List<Alert> alerts)
    {
        var state = new ArrayBufferWriter<byte>();
        engine.Save(state);
        engine.Dispose();
        var restored = new Engine(plan);
        restored.Load(state.WrittenSpan);
        restored.Alerts.Subscribe(alerts.AddRange);
        return restored;
    }

    private static RulePlan Rule(PatternPlan plan) => new(
        "random", ["events"], [[new NamedExpr("who", new Expressions.FieldExpr(0, 3, "who", DataType.String))]], null,
            [], [], plan,
        new AlertPlan(null, [], [], 0, []));

    private static void Add(EventBatchBuilder builder, OracleEvent e, int key)
    {
        var row = builder.Count;
        builder.Columns[0].SetValue(row, e.TimeMs);
        builder.Columns[1].SetValue(row, e.K);
        builder.Columns[2].SetValue(row, e.V);
        builder.Columns[3].SetValue(row, $"k{key}");
        builder.Commit();
    }
}
