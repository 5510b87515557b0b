using Cep.Connectors;
using Cep.Connectors.Alertmanager;
using Cep.Connectors.Files;
using Cep.Connectors.Mail;
using Cep.Connectors.Webhooks;
using Cep.Host.Deployments;
using Cep.Plans;

namespace Cep.Host.Running;

/// <summary>Builds the sinks that a deployment names.</summary>
internal static class SinkStart
{
    public static ISink Create(SinkSettings settings, Func<EnginePlan> plan, TimeProvider clock) => settings switch
    {
        WebhookSettings webhook => new WebhookSink(webhook.Name, webhook.Options, clock),
        AlertmanagerSettings am => new AlertmanagerSink(am.Name, am.Url, RulesThatResolve(plan), am.Delivery, clock),
        SmtpSettings smtp => new SmtpSink(smtp.Name, smtp.Options, clock),
        FileSinkSettings file => new FileSink(file.Name, file.Path, file.RotateBytes, file.Keep),
        MqttSinkSettings mqtt => MqttStart.Sink(mqtt, clock),
        StdoutSettings => new StdoutSink(settings.Name, Console.OpenStandardOutput()),
        _ => throw new InvalidOperationException($"no sink for {settings.GetType().Name}"),
    };

    /// <summary>Tells of a rule whether what it fires is resolved at some time.</summary>
    /// <param name="plan">Gives the rules that run now.</param>
    public static Func<string, bool> RulesThatResolve(Func<EnginePlan> plan)
    {
        Tuple<EnginePlan, HashSet<string>>? known = null;
        return rule =>
        {
            var now = plan();
            if (known is null || !ReferenceEquals(known.Item1, now))
                known = Tuple.Create(now, Resolving(now));
            return known.Item2.Contains(rule);
        };
    }

    private static HashSet<string> Resolving(EnginePlan plan) =>
        plan.Rules.Where(r => r.Detector is SilencePlan or ConditionPlan { HasState: true })
            .Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
}
