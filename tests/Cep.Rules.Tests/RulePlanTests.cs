using Cep.Events;
using Cep.Plans;

namespace Cep.Rules.Tests;

public sealed class RulePlanTests
{
    [Theory]
    [InlineData("tumbling 5m", "HoppingWindow { SizeMs = 300000, StepMs = 300000, OffsetMs = 0 }")]
    [InlineData("hopping 5m every 1m", "HoppingWindow { SizeMs = 300000, StepMs = 60000, OffsetMs = 0 }")]
    [InlineData("hopping 5m every 1m\noffset: 15s",
        "HoppingWindow { SizeMs = 300000, StepMs = 60000, OffsetMs = 15000 }")]
    [InlineData("session gap 30s", "SessionWindow { GapMs = 30000, MaxMs = 0 }")]
    [InlineData("session  gap 30s max 1h", "SessionWindow { GapMs = 30000, MaxMs = 3600000 }")]
    [InlineData("count 100", "CountWindow { Size = 100 }")]
    [InlineData("day in Europe/Berlin\noffset: 6h",
        "CalendarWindow { Unit = Day, Zone = Europe/Berlin, OffsetMs = 21600000 }")]
    [InlineData("month", "CalendarWindow { Unit = Month, Zone = UTC, OffsetMs = 0 }")]
    public void Window_Text_IsItsKind(string text, string kind) =>
        Assert.Equal(kind, Window($"window: {text}").Kind.ToString());

    [Theory]
    [InlineData("close", WindowReport.Close, 0)]
    [InlineData("update", WindowReport.Update, 0)]
    [InlineData("every 10s", WindowReport.Every, 10_000)]
    public void Window_Report_IsRead(string text, WindowReport report, long every)
    {
        var window = Window($"window: tumbling 5m\nreport: {text}\nallowed_lateness: 1m");

        Assert.Equal((report, every, 60_000), (window.Report, window.EveryMs, window.AllowedLatenessMs));
    }

    [Fact]
    public void Window_Names_MeanKeySelectedAndBounds()
    {
        var plan = Compiled.Plan("""
            by: {who: lower(k)}
            let: {euro: x * 2}
            window: tumbling 5m
            select: {n: count(), total: sum(euro), mean: total / n, who_again: who, length: window.end - window.start}
            when: mean > 5 and window.start > '2026-01-01'
            alert: {message: "{who}: {total:0.0} until {window.end:HH:mm}"}
            """);

        var window = Assert.IsType<WindowPlan>(plan.Detector);
        Assert.Equal(
            ["Count()", "Sum(Multiply(x, 2.0))", "Divide(Sum(Multiply(x, 2.0)), Count()::Number)", "key#0",
                "Subtract(window.end, window.start)"],
            window.Select.Select(s => ExprText.Of(s.Value)));
        Assert.Equal("And(Greater(selected#2, 5.0), Greater(window.start, 1767225600000:Timestamp))",
            ExprText.Of(window.When));
        Assert.Equal(["key#0", ": ", "selected#1|0.0", " until ", "window.end|HH:mm"], Parts(plan.Alert.Message!));
        Assert.Empty(plan.Let);
    }

    [Fact]
    public void Condition_Keys_AreRead()
    {
        var plan = Compiled.Plan("""
            description: Machine too hot
            severity: high
            tags: [iot, plant]
            mode: shadow
            by: [k, n % 2]
            where: x is not null
            let: {x: x, base: avg(x) over prior 10m}
            when: x > base
            for: 2m
            resolve: x < 75
            every: 10s
            except: [{k: [d-17, d-18], n: 1, why: test bench, until: 2027-01-31}]
            alert:
              message: "{{{k}}} at {x:0.0} for {key()}"
              labels: {team: plant}
              dedupe: 1h
              fields: {half: d / 2}
              key: {first: k}
            """);

        Assert.Equal(("Machine too hot", Severity.High, RuleMode.Shadow), (plan.Description, plan.Severity, plan.Mode));
        Assert.Equal(["iot", "plant"], plan.Tags);
        Assert.Equal(["k=k", "n % 2=Modulo(n, 2)"],
            Assert.Single(plan.By).Select(k => $"{k.Name}={ExprText.Of(k.Value)}"));
        Assert.Equal("IsNotNull(x)", ExprText.Of(plan.Where));
        Assert.Equal(["x=x", "base=Avg(x) over prior 600000 Time"],
            plan.Let.Select(l => $"{l.Name}={ExprText.Of(l.Value)}"));
        var condition = Assert.IsType<ConditionPlan>(plan.Detector);
        Assert.Equal("Greater(x, Avg(x) over prior 600000 Time)", ExprText.Of(condition.When));
        Assert.Equal("Less(x, 75.0)", ExprText.Of(condition.Resolve));
        Assert.Equal((120_000, 10_000, false, true),
            (condition.ForMs, condition.EveryMs, condition.Rising, condition.HasState));
        var except = Assert.Single(plan.Except);
        Assert.Equal("And(In(k, ['d-17', 'd-18']), In(n, [1]))", ExprText.Of(except.Condition));
        Assert.Equal(("test bench", 1_801_353_600_000), (except.Why, except.UntilMs));
        Assert.Equal(["{", "key#0", "} at ", "x|0.0", " for ", "key()"], Parts(plan.Alert.Message!));
        Assert.Equal(("team", "plant"), plan.Alert.Labels.Select(l => (l.Name, Parts(l.Value)[0])).Single());
        Assert.Equal("Divide(d, 2.0)", ExprText.Of(Assert.Single(plan.Alert.Fields).Value));
        Assert.Equal("key#0", ExprText.Of(Assert.Single(plan.Alert.Key).Value));
        Assert.Equal(3_600_000, plan.Alert.DedupeMs);
    }

    [Fact]
    public void Plan_SameText_IsEqual()
    {
        const string Rule = "by: k\nwhen: x > 1 and k in ['a', 'b']\nalert: {message: '{k}'}";

        Assert.Equal(Compiled.Plan(Rule), Compiled.Plan(Rule));
    }

    [Fact]
    public void Let_UsedBeforeItsDefinition_IsInlined()
    {
        var plan = Compiled.Plan("let: {b: a2 + 1, a2: x * 2}\nwhen: b > 1");

        Assert.Equal("Greater(Add(Multiply(x, 2.0), 1.0), 1.0)", ExprText.Of(((ConditionPlan)plan.Detector).When));
    }

    [Fact]
    public void Let_ThatDoublesItself_MeetsTheLimit()
    {
        var lets = string.Join(", ", Enumerable.Range(1, 40).Select(i => $"v{i}: v{i - 1} + v{i - 1}"));

        var result = Compiled.Rule($"let: {{v0: x, {lets}}}\nwhen: v40 > 1");

        Assert.All(result.Diagnostics, d => Assert.Equal(Diagnostics.DiagnosticIds.LimitExceeded, d.Id));
        Assert.NotEmpty(result.Diagnostics);
    }

    [Fact]
    public void Defaults_FillInWhatRulesLeaveOut()
    {
        var result = Compiled.Text($$"""
            {{Compiled.Streams}}
            defaults: {on: events, severity: low, for: 1m, alert: {labels: {team: plant}, dedupe: 1h} }
            rules:
              - {rule: a, when: b, alert: {message: hello} }
              - {rule: b, silent: 5m, severity: high, alert: {labels: {team: office} } }
            """);

        Assert.Equal("", Compiled.Messages(result));
        var (a, b) = (result.Plan.Rules[0], result.Plan.Rules[1]);
        Assert.Equal((Severity.Low, 60_000), (a.Severity, ((ConditionPlan)a.Detector).ForMs));
        Assert.Equal((3_600_000, "hello", "plant"),
            (a.Alert.DedupeMs, Parts(a.Alert.Message!)[0], Parts(a.Alert.Labels[0].Value)[0]));
        Assert.Equal((Severity.High, 300_000), (b.Severity, ((SilencePlan)b.Detector).SilentMs));
        Assert.Equal((3_600_000, "office"), (b.Alert.DedupeMs, Parts(b.Alert.Labels[0].Value)[0]));
    }

    [Fact]
    public void Emit_Stream_HasTheFieldsThatAlertsShow()
    {
        var result = Compiled.Files(
            ("reader.yaml", "rules: [{rule: reader, on: odd, by: who, when: base > 1 and n > 2 and ts > now() - 5m}]"),
            ("emitter.yaml", $$"""
                {{Compiled.Streams}}
                rules:
                  - rule: emitter
                    on: events
                    by: {who: k}
                    let: {base: x * 2, n: n, status: 5}
                    when: b
                    alert: {fields: {since: ts, n: x} }
                    emit: odd
                """));

        Assert.Equal("", Compiled.Messages(result));
        Assert.Equal(["reader", "emitter"], result.Plan.Rules.Select(r => r.Id));
        var odd = result.Plan.Streams.Single(s => s.Derived).Schema;
        Assert.Equal(("odd", 0), (odd.Name, odd.TimeField));
        Assert.Equal(
            [("ts", DataType.Timestamp), ("rule", DataType.String), ("status", DataType.String),
                ("who", DataType.String), ("base", DataType.Number), ("n", DataType.Integer),
                ("since", DataType.Timestamp)],
            odd.Fields.Select(f => (f.Name, f.Type)));
    }

    [Fact]
    public void Late_Target_IsDeclaredWithTheSameFields()
    {
        var result = Compiled.Text("""
            streams:
              a: {time: ts, out_of_order: 5s, idle: 30s, max_ahead: 1m, late: {to: a_late},
                  fields: {ts: timestamp, v: list of integer} }
            rules: [{rule: r, on: a_late, when: length(v) > 1}]
            """);

        Assert.Equal("", Compiled.Messages(result));
        var (a, late) = (result.Plan.Streams[0], result.Plan.Streams[1]);
        Assert.Equal((5000, 30_000, 60_000, "a_late", false),
            (a.OutOfOrderMs, a.IdleMs, a.MaxAheadMs, a.LateTo, a.Derived));
        Assert.Equal((true, 0, DataType.Integer), (late.Derived, late.Schema.TimeField, late.Schema.Fields[1].Element));
    }

    private static WindowPlan Window(string lines) => Assert.IsType<WindowPlan>(Compiled.Plan(lines).Detector);

    private static List<string> Parts(TemplatePlan template) =>
        [.. template.Parts.Select(p => p.Text ?? ExprText.Of(p.Value) + (p.Format is null ? "" : $"|{p.Format}"))];
}
