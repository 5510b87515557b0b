using Cep.Host.Deployments;
using Cep.Host.Notifying;
using Cep.Host.Running;
using Cep.Storage;
using Cep.Storage.Embedded;

namespace Cep.Host.Keeping;

/// <summary>
/// What a deployment starts from: an engine, and where its entries go on; with a store, or from nothing.
/// </summary>
internal sealed class KeptState : IDisposable
{
    /// <summary>Where it is kept; null: nowhere.</summary>
    public IStore? Store { get; private init; }

    public required Playback Playback { get; init; }

    /// <summary>Decides what goes out.</summary>
    public required Notifier Notifier { get; init; }

    public required EntranceStart Start { get; init; }

    /// <summary>The newest checkpoint, or null.</summary>
    public CheckpointInfo? Checkpoint { get; private init; }

    /// <summary>Opens the state that the deployment names and recovers it; without one, starts afresh.</summary>
    /// <exception cref="StoreException">The folder is in use, can't be read or written, or is damaged.</exception>
    public static KeptState Open(Deployment deployment, RuleTexts rules, TimeProvider clock, Action<string> log)
    {
        if (deployment.State is not { } settings)
        {
            var playback = new Playback(rules, deployment.Workers);
            return new KeptState
            {
                Playback = playback,
                Notifier = new Notifier(deployment, SinkStart.RulesThatResolve(() => playback.Rules.Plan)),
                Start = EntranceStart.Beginning,
            };
        }

        return Open(
            EmbeddedStore.Open(settings.Folder, new EmbeddedOptions(settings.FullSync)), deployment, rules, clock, log);
    }

    public static KeptState Open(
        IStore store, Deployment deployment, RuleTexts rules, TimeProvider clock, Action<string> log)
    {
        try
        {
            var recovery = new Recovery(store, rules, deployment, clock, log);
            var playback = recovery.Run();
            return new KeptState
            {
                Store = store,
                Playback = playback,
                Notifier = recovery.Notifier,
                Start = new EntranceStart(playback.Sequence, store.Positions(), store.Marks()),
                Checkpoint = store.Checkpoints().FirstOrDefault(),
            };
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Playback.Dispose();
        Store?.Dispose();
    }
}
