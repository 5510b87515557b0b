using System.Globalization;
using Xunit;

namespace Cep.Tests.Laws;

/// <summary>
/// Holds a law against many random cases and, where it is broken, looks for a smaller case that breaks it.
/// </summary>
internal static class Law
{
    /// <summary>CEP_SEED: the seed of the first case; CEP_CASES: how many cases a law is held against.</summary>
    private static readonly int FirstSeed = Setting("CEP_SEED", 1);

    /// <param name="holds">What is wrong with a case, or null.</param>
    /// <param name="cases">How many cases, where CEP_CASES does not say.</param>
    /// <param name="orderly">See <see cref="LawCase.Make"/>.</param>
    /// <param name="events">See <see cref="LawCase.Make"/>.</param>
    public static void Holds(Func<LawCase, string?> holds, int cases, bool orderly = false, int events = 60)
    {
        cases = Setting("CEP_CASES", cases);
        for (var seed = FirstSeed; seed < FirstSeed + cases; seed++)
        {
            var made = LawCase.Make(seed, orderly, events);
            if (Fault(holds, made) is null)
                continue;
            var small = Smaller(made, c => Fault(holds, c) is not null);
            Assert.Fail($"{Fault(holds, small)}\n\nCEP_SEED={seed}, {small}");
        }
    }

    /// <summary>The first line in which two runs differ, or null.</summary>
    public static string? Difference(IReadOnlyList<string> expected, IReadOnlyList<string> found)
    {
        var missing = expected.Except(found).FirstOrDefault();
        var extra = found.Except(expected).FirstOrDefault();
        if (missing is null && extra is null && expected.Count == found.Count)
            return null;
        return $"{expected.Count} alerts expected, {found.Count} found\nmissing: {missing}\nextra:   {extra}";
    }

    private static string? Fault(Func<LawCase, string?> holds, LawCase made)
    {
        try
        {
            return holds(made);
        }
        catch (Exception e) when (e is not InvalidDataException)
        {
            return e.ToString();
        }
    }

    private static LawCase Smaller(LawCase made, Func<LawCase, bool> fails)
    {
        for (var i = made.Rules.Count - 1; i >= 0 && made.Rules.Count > 1; i--)
        {
            var less = made with { Rules = [.. made.Rules.Where((_, n) => n != i)] };
            if (fails(less))
                made = less;
        }

        for (var size = made.Inputs.Count / 2; size > 0; size /= 2)
            for (var from = made.Inputs.Count - size; from >= 0; from -= size)
            {
                var less = made with { Inputs = [.. made.Inputs.Where((_, n) => n < from || n >= from + size)] };
                if (fails(less))
                    made = less;
                from = Math.Min(from, made.Inputs.Count);
            }

        return made;
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value)
            ? value
            : otherwise;
}
