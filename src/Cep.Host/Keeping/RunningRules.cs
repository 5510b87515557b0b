using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>Finds the rules that a deployment's state was left with.</summary>
public static class RunningRules
{
    /// <exception cref="StoreException">There are none, or this program can't compile them.</exception>
    public static RuleTexts Of(IStoreReader store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var size = store.Size();
        var from = size.FirstSequence;
        string? name = null;
        if (store.Checkpoints() is [var newest, ..])
            (name, from) = (newest.Rules, Math.Max(from, newest.Sequence + 1));
        foreach (var record in store.ReadJournal(from, size.LastSequence, _ => true))
            name = Playback.RulesOf(Entry.Of(record)) ?? name;
        if (name is null)
            throw new StoreException("the state does not say which rules ran");
        return (store.Rules(name) is { } texts ? RuleTexts.Decode(texts) : null)
            ?? throw new StoreException($"the rules that ran ({name}) can't be compiled by this program");
    }
}
