using Cep.Expressions;
using Cep.Plans;

namespace Cep.Detection.Routing;

/// <summary>Questions that decide where a rule runs and when its alerts can come.</summary>
internal static class Placement
{
    /// <summary>True for rules that need no order among events: they act when an event arrives.</summary>
    public static bool ActsOnArrival(RulePlan rule) => StatelessRules.Takes(rule) || rule.Detector is WindowPlan
    {
        Report: WindowReport.Close, Kind: HoppingWindow or CalendarWindow,
    } window && !window.Select.Select(s => s.Value).SelectMany(ExprWalker.SelfAndParts).Any(ExprWalker.IsComputed);

    /// <summary>
    /// How far behind its clock a rule may still report, ms: windows that are reported again, or at their events'
    /// times.
    /// </summary>
    public static long ReportsBehindMs(RulePlan rule) => rule.Detector is not WindowPlan window
        ? 0
        : window.AllowedLatenessMs + (window.Report, window.Kind) switch
        {
            (WindowReport.Update, HoppingWindow kind) => kind.SizeMs,
            (WindowReport.Update, CalendarWindow) => 32L * 86_400_000,
            (WindowReport.Update, SessionWindow kind) => kind.GapMs,
            _ => 0,
        };
}
