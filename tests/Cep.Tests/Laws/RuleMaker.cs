using System.Globalization;
using System.Text;

namespace Cep.Tests.Laws;

/// <summary>
/// Makes random rules over everything that a rule may say about single events, runs of events and windows.
/// </summary>
/// <param name="random">Where chance comes from.</param>
/// <param name="unit">Seconds in a unit of time, so that rules fit the pace of the events.</param>
internal sealed class RuleMaker(Random random, int unit)
{
    private static readonly (string Text, Func<LawInput, bool> Holds)[] Filters =
    [
        ("x is not null", e => e.X is not null),
        ("n >= 2", e => e.N >= 2),
        ("s != 'b'", e => e.S is not null && e.S != "b"),
        ("flag or x < 5", e => e.Flag == true || e.X < 5),
        ("g in [1, 2]", e => e.G is 1 or 2),
    ];

    private static readonly (string Text, Func<LawInput, bool> Holds)[] Exceptions =
    [
        ("{s: a, why: known, until: 2030-01-01}", e => e.S == "a"),
        ("{g: [2, 3], why: known, until: 2026-03-29}", e => e.G is 2 or 3 && e.TimeMs < LawCase.MidnightMs),
        ("{k: k1, flag: true, why: known, until: 2030-01-01}", e => e.K == "k1" && e.Flag == true),
    ];

    private readonly StringBuilder _text = new();

    public LawRule Make(int index)
    {
        _text.Clear();
        var id = $"r{index}";
        Line($"  - rule: {id}");
        Line("    on: events");
        var filter = Choose(0.4, Filters, "where: ");
        var exception = Choose(0.25, Exceptions, "except: [", "]");
        var key = Pick("k", "k", "k", "[k, g]", "g", "n % 3", "");
        if (key.Length > 0)
            Line($"    by: {key}");
        var kind = random.Next(10);
        if (kind < 6)
            Condition();
        else if (kind < 9)
            Window();
        else
            Line($"    silent: {Duration()}");
        Alert(key);
        if (Chance(0.25))
            Chain(id, key, kind);
        return new LawRule(id, _text.ToString(), filter, exception, kind is >= 6 and < 9);
    }

    private void Condition()
    {
        if (Chance(0.4))
            Line($"    let:\n      v: {Value()}");
        Line($"    when: {Test()}");
        switch (random.Next(6))
        {
            case 0:
                Line("    trigger: rising");
                break;
            case 1:
                Line($"    for: {Duration()}");
                break;
            case 2:
                Line($"    resolve: {Test()}");
                break;
            case 3:
                Line($"    for: {Duration()}");
                Line($"    resolve: {Test()}");
                break;
            default:
                break;
        }

        if (Chance(0.25))
            Line($"    every: {Duration(1, 3)}");
    }

    private void Window()
    {
        var step = random.Next(1, 6);
        var report = Pick("close", "close", "every", "update");
        switch (random.Next(6))
        {
            case 0:
                Line($"    window: tumbling {Span(step)}");
                break;
            case 1:
                Line($"    window: hopping {Span(step * random.Next(2, 4))} every {Span(step)}");
                break;
            case 2:
                Line($"    window: session gap {Duration(1, 5)}");
                break;
            case 3:
                Line($"    window: session gap {Duration(1, 5)} max {Duration(4, 12)}");
                break;
            case 4:
                Line($"    window: count {random.Next(1, 5)}");
                report = Pick("close", "update");
                break;
            default:
                Line($"    window: {Pick("day in Europe/Berlin", "week in UTC", "day in America/New_York")}");
                report = Pick("close", "update");
                break;
        }

        var counts = _text.ToString().Contains("window: count", StringComparison.Ordinal);
        Line($"    select:\n      n: count()\n      v: {Aggregate("")}\n      w: {Aggregate("")}");
        if (Chance(0.5))
            Line($"    when: {Pick("n > 1", "v > 3", "v is not null", "n % 2 == 0")}");
        if (report != "close")
            Line($"    report: {(report == "every" ? $"every {Span(random.Next(1, 3))}" : report)}");
        if (!counts && Chance(0.4))
            Line($"    allowed_lateness: {Duration()}");
    }

    private void Alert(string key)
    {
        var parts = new List<string>();
        if (Chance(0.3))
            parts.Add($"dedupe: {Duration()}");
        if (key == "[k, g]" && Chance(0.3))
            parts.Add("key: k");
        if (parts.Count > 0)
            Line($"    alert: {{{string.Join(", ", parts)}}}");
    }

    /// <summary>Lets another rule read what this one finds.</summary>
    private void Chain(string id, string key, int kind)
    {
        Line($"    emit: {id}_found");
        if (key == "k" && kind < 6 && Chance(0.3) && !_text.ToString().Contains("let:", StringComparison.Ordinal))
            Second(id);
        Line($"  - rule: {id}-after");
        Line($"    on: {id}_found");
        if (key is "k" or "[k, g]" && Chance(0.7))
            Line("    by: k");
        switch (random.Next(4))
        {
            case 0:
                Line("    when: count() over last 3 == 3");
                break;
            case 1:
                Line($"    when: count(status == 'firing') over {Duration()} >= 2");
                break;
            case 2:
                Line($"    window: tumbling {Duration()}");
                Line("    select: {n: count()}");
                break;
            default:
                Line($"    window: session gap {Duration()}");
                Line(kind is >= 6 and < 9 ? "    select: {n: count(), most: max(n)}" : "    select: {n: count()}");
                break;
        }
    }

    /// <summary>Another rule that finds things for the same stream.</summary>
    private void Second(string id)
    {
        Line($"  - rule: {id}-too");
        Line("    on: events");
        Line("    by: k");
        Line($"    when: {Test()}");
        if (Chance(0.5))
            Line($"    for: {Duration()}");
        Line($"    emit: {id}_found");
    }

    private string Test() => random.Next(8) switch
    {
        0 => $"{Test()} and {Test()}",
        1 => $"({Test()} or {Test()})",
        2 => $"not ({Test()})",
        3 => Pick("flag", "s in ['a', 'b']", "changed(s)", "x > prev(x)", "prev(n, 2) == n", "x is null"),
        4 => $"x {Pick(">", "<", ">=")} {random.Next(10)}",
        _ => $"{Value()} {Pick(">", "<", ">=", "!=")} {random.Next(8)}",
    };

    private string Value() => random.Next(6) switch
    {
        0 => Pick("x", "n", "x * n", "x - n ?? 0"),
        1 => $"{Aggregate(" " + Range())} - {Pick("n", "x")}",
        _ => Aggregate(" " + Range()),
    };

    private string Range() => random.Next(4) switch
    {
        0 => $"over {Duration()}",
        1 => $"over prior {Duration()}",
        2 => $"over last {random.Next(1, 6)}",
        _ => $"over prior {random.Next(1, 6)}",
    };

    /// <summary>An aggregate with a number as its result, over a range or (where that is empty) a window.</summary>
    private string Aggregate(string range)
    {
        var of = Pick("x", "n", "x + n", "x");
        var call = random.Next(12) switch
        {
            0 => "count()",
            1 => $"count({Pick("flag", "x > 4", "s == 'a'")})",
            2 => $"distinct({Pick("s", "x", "n", "flag")})",
            3 => $"{Pick("first", "last", "delta")}({of})",
            4 => $"{Pick("median", "rate", "slope")}({of})",
            5 => $"quantile({of}, {Pick("0.25", "0.9")})",
            6 => $"ewma({of}, {Duration()})",
            7 => $"zscore({of})",
            _ => $"{Pick("sum", "avg", "min", "max", "stddev", "variance")}({of})",
        };
        return call + range;
    }

    private Func<LawInput, bool> Choose(
        double chance, (string Text, Func<LawInput, bool> Holds)[] from, string before, string after = "")
    {
        if (!Chance(chance))
            return _ => from == Filters;
        var chosen = from[random.Next(from.Length)];
        Line($"    {before}{chosen.Text}{after}");
        return chosen.Holds;
    }

    private string Duration(int from = 1, int to = 20) => Span(random.Next(from, to + 1));

    private string Span(int units) => string.Create(CultureInfo.InvariantCulture, $"{units * unit}s");

    private bool Chance(double p) => random.NextDouble() < p;

    private string Pick(params string[] from) => from[random.Next(from.Length)];

    private void Line(string text) => _text.Append(text).Append('\n');
}
