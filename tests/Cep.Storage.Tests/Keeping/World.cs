using Cep.Host.Notifying;
using Cep.Connectors;
using Cep.Host.Deployments;
using Cep.Host.Keeping;
using Cep.Host.Running;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Keeping;

/// <summary>A deployment with two scripted sources and two sinks, run in this process, as often as it dies.</summary>
internal sealed class World : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, int> _acknowledged = [];

    private readonly int _seed;
    private readonly int _batches;

    public World(int seed, int batches)
    {
        _seed = seed;
        _batches = batches;
    }

    public RuleTexts Rules { get; set; } = CrashRules.Texts();

    public RecordingSink All { get; } = new("all");

    public RecordingSink Some { get; } = new("some");

    public List<string> Log { get; } = [];

    public string Folder => _folder.Path;

    public StateSettings State { get; set; } = new("") { Checkpoint = TimeSpan.FromMilliseconds(3) };

    public int Workers { get; set; } = 1;

    public TimeSpan DrainLimit { get; set; } = Limit;

    /// <summary>How often the last run committed.</summary>
    public int Commits { get; private set; }

    /// <summary>Runs until all is kept and delivered, or the process dies at a commit.</summary>
    /// <returns>What it did, or null where it died.</returns>
    public async Task<DeploymentSummary?> RunAsync(int dieAt = 0, bool beforeLast = false)
    {
        var deployment = new Deployment
        {
            Rules = [],
            Sources = [],
            Workers = Workers,
            State = State with { Folder = Folder },
            Sinks = [new StdoutSettings(All.Name), new StdoutSettings(Some.Name)],
            Routes = [new Route(["all"], _ => true), new Route(["some"], a => a.Rule is "totals" or "many")],
        };
        var store = new DyingStore(EmbeddedStore.Open(Folder, new EmbeddedOptions(false)), dieAt, beforeLast);
        try
        {
            var state = KeptState.Open(store, deployment, Rules, TimeProvider.System, Write);
            var sources = new[] { "payments", "logins" }.Select(
                s => new ScriptedSource(s, ScriptedSource.Script(Rules.Plan, s, _seed, _batches))
                {
                    Acknowledged = _acknowledged.GetValueOrDefault(s),
                }).ToList();
            try
            {
                return await RunAsync(state, sources, deployment);
            }
            finally
            {
                foreach (var source in sources)
                    _acknowledged[source.Stream] = source.Acknowledged;
            }
        }
        catch (StoreException e) when (e.Message == "the process is dead")
        {
            return null;
        }
        finally
        {
            Commits = store.Commits;
        }
    }

    public void Dispose() => _folder.Dispose();

    private async Task<DeploymentSummary> RunAsync(
        KeptState state, List<ScriptedSource> sources, Deployment deployment)
    {
        using var stop = new CancellationTokenSource();
        using var running = new RunningDeployment(
            state, [.. sources], new ISink[] { All, Some }, deployment, TimeProvider.System, Write)
        {
            DrainLimit = DrainLimit,
        };
        var run = running.RunAsync(stop.Token);
        await Task.WhenAny(Task.WhenAll(sources.Select(s => s.Done)), run).WaitAsync(Limit);
        await stop.CancelAsync();
        return await run.WaitAsync(Limit);
    }

    private void Write(string line)
    {
        lock (Log)
            Log.Add(line);
    }
}
