using System.Text;
using Cep.Connectors.Formats;
using Cep.Host.Keeping;
using Cep.Storage;

namespace Cep.Host.Backtesting;

/// <summary>An alert, as a comparison of rules tells of it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Rule">Its rule.</param>
/// <param name="AtMs">Its time, ms since the epoch.</param>
/// <param name="Key">Its key as a JSON object.</param>
/// <param name="Message">What it says.</param>
public sealed record ComparedAlert(string Id, string Rule, long AtMs, string Key, string Message);

/// <summary>What rules would raise over a journal that others do not, and what no longer.</summary>
public sealed class Comparison
{
    private readonly Dictionary<string, ComparedAlert> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ComparedAlert> _now = new(StringComparer.Ordinal);

    /// <summary>Events that the rules got.</summary>
    public long Events { get; private set; }

    /// <summary>Alerts only of the rules asked about, by rule, time and key.</summary>
    public IReadOnlyList<ComparedAlert> New => Only(_now, _before);

    /// <summary>Alerts only of the rules they are compared with.</summary>
    public IReadOnlyList<ComparedAlert> Gone => Only(_before, _now);

    /// <summary>Alerts of both, by rule.</summary>
    public IReadOnlyDictionary<string, int> Both => _now.Values.Where(a => _before.ContainsKey(a.Id))
        .GroupBy(a => a.Rule).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);

    /// <summary>Runs both sets of rules over the journal, side by side.</summary>
    /// <param name="open">Opens the state, once for each.</param>
    /// <param name="rules">The rules asked about.</param>
    /// <param name="against">What they are compared with.</param>
    /// <param name="options">What of the journal they get.</param>
    /// <param name="onDamage">Told of records that can't be read; they are left out.</param>
    /// <exception cref="StoreException">The state can't be read.</exception>
    public static Comparison Run(
        Func<IStoreReader> open, RuleTexts rules, RuleTexts against, BacktestOptions options,
        Action<DamagedRecord> onDamage)
    {
        var comparison = new Comparison();
        var before = Task.Run(() => Run(open, against, options, comparison._before, null));
        comparison.Events = Run(open, rules, options, comparison._now, onDamage);
        before.GetAwaiter().GetResult();
        return comparison;
    }

    /// <summary>The rules that ran last, or null where they can't be compiled any more.</summary>
    public static RuleTexts? RulesThatRan(IStoreReader store)
    {
        var name = store.Checkpoints() is [var newest, ..] ? newest.Rules : null;
        foreach (var record in store.ReadJournal(store.Size().FirstSequence, store.Size().FirstSequence, _ => true))
            name ??= Playback.RulesOf(Entry.Of(record));
        return name is not null && store.Rules(name) is { } texts ? RuleTexts.Decode(texts) : null;
    }

    private static long Run(
        Func<IStoreReader> open, RuleTexts rules, BacktestOptions options, Dictionary<string, ComparedAlert> alerts,
        Action<DamagedRecord>? onDamage)
    {
        using var store = open();
        var backtest = new Backtest(rules, options) { OnDamage = onDamage };
        var key = new Utf8Buffer();
        backtest.Run(store, alert =>
        {
            key.Clear();
            AlertJson.WriteKey(key, alert);
            alerts[alert.Id] = new ComparedAlert(
                alert.Id, alert.Rule, alert.AtMs, Encoding.UTF8.GetString(key.Written), alert.Message);
        });
        return backtest.Events;
    }

    private static List<ComparedAlert> Only(
        Dictionary<string, ComparedAlert> of, Dictionary<string, ComparedAlert> notOf) =>
    [
        .. of.Values.Where(a => !notOf.ContainsKey(a.Id)).OrderBy(a => a.Rule, StringComparer.Ordinal)
            .ThenBy(a => a.AtMs).ThenBy(a => a.Key, StringComparer.Ordinal),
    ];
}
