using Cep.Plans;
using Cep.Rules;

namespace Cep.Tests.Laws;

/// <summary>Random rules and random input for them, all from one seed.</summary>
/// <param name="Seed">What it was made from.</param>
/// <param name="OutOfOrderMs">How late events may be.</param>
/// <param name="Rules">The rules.</param>
/// <param name="Inputs">What the engine is given, in order of arrival.</param>
/// <param name="Completes">The input has an end.</param>
internal sealed record LawCase(
    int Seed, long OutOfOrderMs, IReadOnlyList<LawRule> Rules, IReadOnlyList<LawInput> Inputs, bool Completes)
{
    /// <summary>The night in which the clocks of Berlin go forward.</summary>
    public const long MidnightMs = 1_774_742_400_000;

    private const string Head = """
        streams:
          events:
            time: ts
            out_of_order: {0}ms
            fields: {ts: timestamp, k: string, g: integer, x: number, n: integer, flag: bool, s: string}
        rules:

        """;

    public string Yaml => Head.Replace("{0}", $"{OutOfOrderMs}", StringComparison.Ordinal)
        + string.Concat(Rules.Select(r => r.Yaml));

    /// <param name="seed">The seed.</param>
    /// <param name="orderly">Nothing is late, rejected or promised: only the order of arrival varies.</param>
    /// <param name="events">How many events there are at most.</param>
    public static LawCase Make(int seed, bool orderly, int events)
    {
        var random = new Random(seed);
        var unit = random.Next(3) == 0 ? 3600 : 1;
        var outOfOrder = random.Next(3) == 0 ? 0 : random.Next(1, 8) * unit * 1000L;
        var maker = new RuleMaker(random, unit);
        List<LawRule> rules = [.. Enumerable.Range(0, random.Next(1, 5)).Select(maker.Make)];
        var inputs = InOrder(random, unit, random.Next(events / 2) + events / 2, keys: random.Next(3) == 0 ? 15 : 4);
        var made = new LawCase(seed, outOfOrder, rules, inputs, orderly || random.Next(4) > 0);
        return orderly ? made : made.Shuffled(random).Disturbed(random, unit);
    }

    /// <summary>Another order of arrival in which nothing is late and events of one time keep their order.</summary>
    public LawCase Shuffled(Random random)
    {
        var delays = new Dictionary<long, long>();
        foreach (var input in Inputs)
            delays.TryAdd(input.TimeMs, random.NextInt64(OutOfOrderMs + 1));
        return this with { Inputs = [.. Inputs.OrderBy(i => i.TimeMs + delays[i.TimeMs])] };
    }

    public EnginePlan Compile()
    {
        var compiled = RuleCompiler.Compile([new SourceText("case.yaml", Yaml)]);
        return compiled.HasErrors
            ? throw new InvalidDataException($"{string.Join('\n', compiled.Diagnostics)}\n{Yaml}")
            : compiled.Plan;
    }

    public override string ToString() =>
        $"seed {Seed}{(Completes ? "" : ", the input has no end")}\n{Yaml}\n{string.Join('\n', Inputs)}";

    /// <summary>Adds what is late, what is rejected, and promises.</summary>
    private LawCase Disturbed(Random random, int unit)
    {
        var inputs = new List<LawInput>();
        foreach (var input in Inputs)
        {
            inputs.Add(input);
            var late = random.NextInt64(OutOfOrderMs + 20_000L * unit);
            switch (random.Next(25))
            {
                case 0 or 1:
                    inputs.Add(Event(random, input.TimeMs - late, 4));
                    break;
                case 2:
                    inputs.Add(new LawInput(LawInputKind.Rejected, 0));
                    break;
                case 3:
                    inputs.Add(new LawInput(LawInputKind.Advance, input.TimeMs - random.NextInt64(OutOfOrderMs + 1)));
                    break;
                default:
                    break;
            }
        }

        return this with { Inputs = inputs };
    }

    private static List<LawInput> InOrder(Random random, int unit, int count, int keys)
    {
        var inputs = new List<LawInput>();
        var time = MidnightMs - random.Next(20) * 1000L * unit;
        for (var i = 0; i < count; i++)
        {
            time += random.Next(6) switch
            {
                0 => 0,
                1 => random.Next(1, 1000) * (long)unit,
                5 => random.Next(1, 40) * 1000L * unit,
                _ => random.Next(1, 4) * 1000L * unit,
            };
            inputs.Add(Event(random, time, keys));
        }

        return inputs;
    }

    private static LawInput Event(Random random, long timeMs, int keys) => new(LawInputKind.Event, timeMs)
    {
        K = random.Next(12) == 0 ? null : $"k{random.Next(keys)}",
        G = random.Next(12) == 0 ? null : random.Next(1, 4),
        X = random.Next(10) == 0 ? null : random.Next(-10, 100) / 10.0,
        N = random.Next(10) == 0 ? null : random.Next(6),
        Flag = random.Next(10) == 0 ? null : random.Next(2) == 0,
        S = random.Next(10) == 0 ? null : ((char)('a' + random.Next(3))).ToString(),
    };
}
