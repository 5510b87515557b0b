using Cep.Alerts;
using Cep.Host.Deployments;

namespace Cep.Host.Running;

/// <summary>Which sinks an alert goes to.</summary>
internal sealed class AlertRoutes
{
    private readonly bool _everywhere;
    private readonly (string Sink, Route[] Routes)[] _sinks;

    public AlertRoutes(Deployment deployment)
    {
        _everywhere = deployment.Routes.Count == 0;
        _sinks = [.. deployment.Sinks.Select(
            s => (s.Name, deployment.Routes.Where(r => r.To.Contains(s.Name)).ToArray()))];
    }

    /// <summary>The names of its sinks; without routes all of them, and none for a rule in shadow mode.</summary>
    public IReadOnlyList<string> SinksOf(Alert alert)
    {
        if (alert.Shadow)
            return [];
        return [.. _sinks.Where(s => _everywhere || Array.Exists(s.Routes, r => r.Matches(alert))).Select(s => s.Sink)];
    }
}
