using Cep.Host.Keeping;
using Cep.Host.Rules;
using Cep.Storage;

namespace Cep.Host.Running;

/// <summary>Lets other rules run, at the entry that says so.</summary>
internal static class RuleSwitch
{
    /// <param name="rules">The other rules.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="playback">The engine, which waits meanwhile.</param>
    /// <param name="entrance">Gives what came before, where it is kept.</param>
    /// <param name="isKept">Whether it is.</param>
    /// <param name="clock">Measures how long it takes.</param>
    /// <param name="log">Takes lines for whoever operates it.</param>
    public static async Task ToAsync(
        RuleTexts rules, Entry entry, Playback playback, Entrance entrance, bool isKept, TimeProvider clock,
        Action<string> log)
    {
        var began = clock.GetTimestamp();
        var lines = RuleChangeText.Lines(playback.Rules.Plan, rules.Plan);
        var from = 0L;
        if (isKept)
            from = await entrance.AskAsync(store => Warmed(store, rules, entry.Sequence, playback));
        else
            playback.Change(rules, null);
        foreach (var line in lines)
            log($"rules: {line}");
        var warmed = isKept
            ? $"with the journal from record {from} on"
            : "without a journal: what is fresh starts cold";
        log($"rules: changed at record {entry.Sequence}, {warmed}, in "
            + $"{clock.GetElapsedTime(began).TotalSeconds:0.0} s");
    }

    private static long Warmed(IStore store, RuleTexts rules, long sequence, Playback playback)
    {
        var first = store.Size().FirstSequence;
        playback.Change(rules, store.ReadJournal(first, sequence - 1, _ => true));
        return first;
    }
}
