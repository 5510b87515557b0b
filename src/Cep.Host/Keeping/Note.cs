using Cep.Storage;

namespace Cep.Host.Keeping;

/// <summary>Something for the store besides arrivals: to be kept, or to be asked.</summary>
internal abstract class Note
{
    public virtual IReadOnlyList<StoreWrite> Writes => [];

    /// <summary>It is kept.</summary>
    /// <param name="store">The store, to ask it something.</param>
    /// <param name="known">The ids of alerts, among all of the commit, that were known before.</param>
    public abstract void Done(IStore store, IReadOnlyList<string> known);

    public abstract void Fail(Exception failure);
}

/// <summary>Writes; the task gives the ids of alerts that were known before.</summary>
internal sealed class WriteNote(IReadOnlyList<StoreWrite> writes) : Note
{
    private readonly TaskCompletionSource<IReadOnlyList<string>> _kept =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override IReadOnlyList<StoreWrite> Writes => writes;

    public Task<IReadOnlyList<string>> Kept => _kept.Task;

    public override void Done(IStore store, IReadOnlyList<string> known) => _kept.TrySetResult(known);

    public override void Fail(Exception failure) => _kept.TrySetException(failure);
}

/// <summary>Other rules are to run, from an entry of their own on.</summary>
internal sealed class RulesNote(RuleTexts rules) : Note
{
    private readonly TaskCompletionSource _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RuleTexts Rules => rules;

    public Task Kept => _kept.Task;

    public override IReadOnlyList<StoreWrite> Writes => [new KeepRules(rules.Name, rules.Encode())];

    public override void Done(IStore store, IReadOnlyList<string> known) => _kept.TrySetResult();

    public override void Fail(Exception failure) => _kept.TrySetException(failure);
}

/// <summary>A question, asked on the thread that the store belongs to.</summary>
internal sealed class ReadNote<T>(Func<IStore, T> ask) : Note
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override void Done(IStore store, IReadOnlyList<string> known)
    {
        try
        {
            _answer.TrySetResult(ask(store));
        }
        catch (StoreException e)
        {
            _answer.TrySetException(e);
        }
    }

    public override void Fail(Exception failure) => _answer.TrySetException(failure);
}

/// <summary>Something that the engine's host is told besides events; the task is done when it is kept.</summary>
internal sealed class EntryNote(string kind, byte[] body) : Note
{
    private readonly TaskCompletionSource _kept = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Kind => kind;

    public byte[] Body => body;

    public Task Kept => _kept.Task;

    public override void Done(IStore store, IReadOnlyList<string> known) => _kept.TrySetResult();

    public override void Fail(Exception failure) => _kept.TrySetException(failure);
}

/// <summary>A checkpoint, which takes many commits.</summary>
internal sealed class CheckpointNote(Checkpoint checkpoint) : Note
{
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Checkpoint Checkpoint => checkpoint;

    public Task Complete => _complete.Task;

    public void Kept() => _complete.TrySetResult();

    public override void Done(IStore store, IReadOnlyList<string> known)
    {
        // only its last piece makes it count
    }

    public override void Fail(Exception failure) => _complete.TrySetException(failure);
}
