using Cep.Alerts;
using Cep.Plans;
using Cep.State;

namespace Cep.Host.Notifying;

/// <summary>What alerts are not told for the time being: silenced ones, and those that another one explains.</summary>
internal sealed class Mutes(IReadOnlyList<Inhibition> inhibitions, IReadOnlyList<Silence> silences)
{
    private const int MaxSources = 10_000;
    private const int MaxSilences = 1_000;

    // an alert of a rule that never resolves explains others for so long
    private static readonly TimeSpan OneOffTime = TimeSpan.FromMinutes(5);
    private readonly List<Silence> _added = [];
    private readonly Dictionary<string, Source> _sources = new(StringComparer.Ordinal);

    private sealed record Source(Alert Alert, DateTimeOffset Until);

    /// <summary>Alerts that may explain others but are not looked at, because there are too many.</summary>
    public long Overlooked { get; private set; }

    public IEnumerable<Silence> Silences => silences.Concat(_added);

    public bool HasRoom(DateTimeOffset now) => _added.Count(s => s.Until > now) < MaxSilences;

    /// <summary>Ends one that was added.</summary>
    public void Remove(string id) => _added.RemoveAll(s => s.Id == id);

    /// <summary>Adds a silence for the time it has.</summary>
    /// <exception cref="InvalidOperationException">There are too many.</exception>
    public void Add(Silence silence, DateTimeOffset now)
    {
        _added.RemoveAll(s => s.Until <= now);
        if (_added.Count >= MaxSilences)
            throw new InvalidOperationException($"there are {MaxSilences} silences already");
        _added.Add(silence);
    }

    /// <summary>Notes an alert that fires or is over.</summary>
    public void Note(string incident, Alert alert, bool resolves, DateTimeOffset now)
    {
        if (!inhibitions.Any(i => i.Source(alert)))
            return;
        if (alert.Status == AlertStatus.Resolved)
        {
            _sources.Remove(incident);
            return;
        }

        if (_sources.Count >= MaxSources)
            Forget(now);
        if (_sources.Count < MaxSources)
            _sources[incident] = new Source(alert, resolves ? DateTimeOffset.MaxValue : now + OneOffTime);
        else
            Overlooked++;
    }

    /// <summary>Whether an alert is not to be told now.</summary>
    public bool IsMuted(string incident, Alert alert, DateTimeOffset now) =>
        Silences.Any(s => s.Until > now && s.Matches(alert))
        || inhibitions.Any(i => i.Target(alert) && _sources.Any(s => s.Key != incident && s.Value.Until > now
            && i.Source(s.Value.Alert) && i.Equal.All(f => f.Of(s.Value.Alert) == f.Of(alert))));

    public void Save(StateWriter to)
    {
        to.Int(_added.Count);
        foreach (var silence in _added)
        {
            to.Text(silence.Match);
            to.Long(silence.Until.UtcTicks);
            to.Text(silence.Why);
            to.Text(silence.Id);
        }

        to.Int(_sources.Count);
        foreach (var (incident, source) in _sources)
        {
            to.Text(incident);
            to.Long(source.Until.UtcTicks);
            SavedAlert.Write(to, source.Alert);
        }
    }

    /// <param name="from">What was saved.</param>
    /// <param name="compile">Makes the expression of its text; null where it is none any more.</param>
    public void Load(StateReader from, Func<string, Func<Alert, bool>?> compile)
    {
        for (var n = from.Count(); n > 0; n--)
        {
            var match = from.Text()!;
            var until = new DateTimeOffset(from.Long(), TimeSpan.Zero);
            var why = from.Text()!;
            var id = from.Text()!;
            if (compile(match) is { } matches)
                _added.Add(new Silence(match, matches, until, why) { Id = id });
        }

        for (var n = from.Count(); n > 0; n--)
        {
            var incident = from.Text()!;
            var until = new DateTimeOffset(from.Long(), TimeSpan.Zero);
            _sources[incident] = new Source(SavedAlert.Read(from), until);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (incident, source) in _sources)
            if (source.Until <= now)
                _sources.Remove(incident);
    }
}
