namespace Cep.Simulators;

/// <summary>
/// How well a rule does in a world. An alert is right, and an incident found, where the alert's key is the incident's
/// and its time lies between the incident's first event and <see cref="SlackMs"/> after its last.
/// </summary>
/// <param name="Scenario">What the rule is for, or null where nothing says so.</param>
/// <param name="Incidents">The incidents of the scenario.</param>
/// <param name="Found">How many of them some alert fits.</param>
/// <param name="Alerts">The rule's alerts.</param>
/// <param name="Right">How many of them fit an incident, whatever its scenario.</param>
public sealed record Score(string? Scenario, int Incidents, int Found, int Alerts, int Right)
{
    /// <summary>An alert may come this much later than the last event of an incident: windows have to close.</summary>
    public const long SlackMs = 6 * 60_000;

    /// <summary>The share of the incidents found; null where there is none to find.</summary>
    public double? Recall => Incidents == 0 ? null : Found / (double)Incidents;

    /// <summary>The share of the alerts that are right; null where there is no alert.</summary>
    public double? Precision => Alerts == 0 ? null : Right / (double)Alerts;

    public static Score Of(IReadOnlyList<Truth> truth, string? scenario, IReadOnlyList<Finding> alerts)
    {
        var incidents = truth.Where(t => t.Scenario == scenario).ToList();
        return new Score(
            scenario, incidents.Count, incidents.Count(t => alerts.Any(a => Fits(a, t))),
            alerts.Count, alerts.Count(a => IsRight(a, truth)));
    }

    /// <summary>Whether an alert fits any incident.</summary>
    public static bool IsRight(Finding alert, IReadOnlyList<Truth> truth) => truth.Any(t => Fits(alert, t));

    private static bool Fits(Finding alert, Truth incident) =>
        alert.AtMs >= incident.FromMs && alert.AtMs <= incident.ToMs + SlackMs
            && alert.Key.Contains(incident.Key);
}
