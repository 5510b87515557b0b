using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Host.Keeping;
using Cep.Rules;

namespace Cep.Storage.Tests.Keeping;

/// <summary>Rules with every kind of state that a crash could lose, and events that make them speak.</summary>
internal static class CrashRules
{
    public const string Yaml =
        """
        streams:
          payments:
            time: ts
            out_of_order: 3s
            idle: 1h
            fields: {ts: timestamp, card: string, country: string, amount: number}
          logins:
            time: ts
            max_ahead: 1h
            fields: {ts: timestamp, card: string, ok: bool}
        rules:
          - rule: many
            on: payments
            by: card
            let: {n: count() over 20s, mean: avg(amount) over prior 20s}
            when: n >= 4
            trigger: rising
            alert: {message: "{card}: {n} {mean:0.00}", dedupe: 30s}
          - rule: stays-large
            on: payments
            by: country
            when: amount > 60
            for: 2s
            resolve: amount < 30
            emit: large_for_long
          - rule: probes
            on: payments
            by: card
            pattern: probe{2,} -> hit
            within: 60s
            define: {probe: amount < 20, hit: amount > 80}
            alert: {message: "{card}: {count(probe)} then {hit.amount}"}
          - rule: no-login
            on: payments
            by: card
            pattern: spend -> !login
            within: 20s
            define:
              spend: amount > 90
              login: {on: logins, where: ok}
          - rule: totals
            on: payments
            by: country
            window: tumbling 10s
            select: {n: count(), total: sum(amount)}
            when: n > 2
          - rule: visits
            on: payments
            by: card
            window: session gap 6s
            select: {n: count(), cards: distinct(country)}
            when: n >= 3
          - {rule: quiet, on: payments, by: country, silent: 8s}
          - rule: again
            on: large_for_long
            by: country
            when: count() over 5m >= 2
            alert: {dedupe: 1m}
          - {rule: watched, on: payments, by: card, mode: shadow, when: amount > 97}
        """;

    private static readonly Utf8Buffer Buffer = new();

    public static RuleTexts Texts(string yaml = Yaml)
    {
        var texts = new[] { new SourceText("rules.yaml", yaml) };
        var compiled = RuleCompiler.Compile(texts);
        Assert.Empty(compiled.Diagnostics.Select(d => d.ToString()));
        return new RuleTexts(compiled.Plan, texts);
    }

    public static string Json(Alert alert)
    {
        lock (Buffer)
        {
            Buffer.Clear();
            AlertJson.Write(Buffer, alert);
            return System.Text.Encoding.UTF8.GetString(Buffer.Written);
        }
    }
}
