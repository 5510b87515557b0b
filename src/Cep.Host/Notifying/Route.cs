using Cep.Alerts;

namespace Cep.Host.Notifying;

/// <summary>Sends the alerts that match to sinks.</summary>
/// <param name="To">The names of sinks.</param>
/// <param name="Matches">Which alerts.</param>
public sealed record Route(IReadOnlyList<string> To, Func<Alert, bool> Matches)
{
    /// <summary>Whether routes after this one are tried too.</summary>
    public bool Continue { get; init; } = true;

    /// <summary>Alerts that are equal in these go out as one; null: each goes out by itself, at once.</summary>
    public IReadOnlyList<AlertField>? GroupBy { get; init; }

    /// <summary>How long the first alert of a group waits for others.</summary>
    public TimeSpan GroupWait { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a group that has gone out waits before it tells of changes.</summary>
    public TimeSpan GroupInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long until what still fires is told again; null: it is not.</summary>
    public TimeSpan? Repeat { get; init; }

    /// <summary>Whom to tell when nobody cares; null: no one.</summary>
    public Escalation? Escalate { get; init; }

    /// <summary>Tells routes apart in saved state.</summary>
    public string Identity { get; init; } = "";
}

/// <summary>Tells others of what still fires, and was not acknowledged, so long after it was told first.</summary>
public sealed record Escalation(TimeSpan After, IReadOnlyList<string> To);

/// <summary>
/// While an alert that <paramref name="Source"/> matches fires, those that <paramref name="Target"/> matches are not
/// told, where both are equal in the fields.
/// </summary>
public sealed record Inhibition(Func<Alert, bool> Source, Func<Alert, bool> Target, IReadOnlyList<AlertField> Equal);

/// <summary>Alerts that match are not told until the end.</summary>
/// <param name="Match">The expression, as it is written.</param>
/// <param name="Matches">The expression.</param>
/// <param name="Until">The end.</param>
/// <param name="Why">The reason, for people.</param>
public sealed record Silence(string Match, Func<Alert, bool> Matches, DateTimeOffset Until, string Why)
{
    /// <summary>Names one that was added while the deployment ran; empty: it stands in the deployment file.</summary>
    public string Id { get; init; } = "";
}
