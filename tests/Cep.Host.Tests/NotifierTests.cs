using Cep.Host.Deployments;
using Cep.Host.Notifying;
using Cep.Plans;
using Cep.Rules;
using TestAlerts = Cep.Connectors.Tests.Alerts;

namespace Cep.Host.Tests;

public sealed class NotifierTests
{
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly List<string> _sent = [];
    private Notifier _notifier = null!;
    private DateTimeOffset _now;

    [Fact]
    public void Alert_WithoutGroups_GoesOutAtOnce_ToEachSinkOnce()
    {
        Start("routes: [{to: [a, b], match: \"severity == 'high'\"}, {to: [b]}, {to: [c], match: \"rule == 'x'\"}]");
        Fire("hot", "1");
        Resolve("hot", "1");
        Assert.Equal(["0 a,b hot 1", "0 a,b !hot 1"], _sent);
        Assert.Null(_notifier.NextDue);
    }

    [Fact]
    public void Route_ThatDoesNotContinue_IsTheLast()
    {
        Start("routes: [{to: [a], match: \"rule == 'hot'\", continue: false}, {to: [b]}]");
        Fire("hot", "1");
        Fire("once", "1");
        Assert.Equal(["0 a hot 1", "0 b once 1"], _sent);
    }

    [Fact]
    public void Group_WaitsForOthers_ThenTellsChangesInIntervals()
    {
        Start("routes: [{to: [a], group_by: [rule], group_wait: 5s, group_interval: 1m}]");
        Fire("hot", "1");
        At(3);
        Fire("hot", "2");
        At(5);
        At(10);
        Fire("hot", "3");
        At(64);
        At(65);
        At(70);
        Resolve("hot", "1");
        Resolve("hot", "2");
        At(125);
        Resolve("hot", "3");
        At(300);
        Assert.Equal(
            [
                "5 a hot 2 firing: hot 1; hot 2",
                "65 a hot 3 firing: hot 1; hot 2; hot 3",
                "125 a hot 1 firing, 2 resolved: hot 3; hot 1; hot 2",
                "185 a !hot hot 3",
            ],
            _sent);
        Assert.Null(_notifier.NextDue);
    }

    [Fact]
    public void Group_OfAlertsThatAreOverBeforeItGoesOut_IsSilent()
    {
        Start("routes: [{to: [a], group_by: [rule], group_wait: 30s}]");
        Fire("hot", "1");
        At(10);
        Resolve("hot", "1");
        At(60);
        Assert.Empty(_sent);
        Assert.Equal(1, _notifier.Muted);
        Assert.Null(_notifier.NextDue);
    }

    [Fact]
    public void Group_OfAlertsThatNeverResolve_TellsThemOnce()
    {
        Start("routes: [{to: [a], group_by: [rule], group_wait: 5s, group_interval: 1m, repeat: 1m}]");
        Fire("once", "1");
        Fire("once", "1");
        At(500);
        Assert.Equal(["5 a once 2 firing: once 1; once 1"], _sent);
        Assert.Null(_notifier.NextDue);
    }

    [Fact]
    public void Repeat_TellsWhatStillFires_UntilItIsAcknowledged()
    {
        Start("routes: [{to: [a], repeat: 1h}]");
        var id = Fire("hot", "1");
        At(7300);
        Assert.True(_notifier.Acknowledge(id));
        At(20_000);
        Resolve("hot", "1");
        At(40_000);
        Assert.Equal(["0 a hot 1", "3600 a hot 1", "7200 a hot 1", "20000 a !hot 1"], _sent);
        Assert.Null(_notifier.NextDue);
        Assert.False(_notifier.Acknowledge(id));
    }

    [Fact]
    public void Escalation_TellsOthers_AndTheEndToo()
    {
        Start("routes: [{to: [a], escalate: {after: 15m, to: [b]}}]");
        Fire("hot", "1");
        var second = Fire("hot", "2");
        _notifier.Acknowledge(second);
        At(3600);
        Resolve("hot", "1");
        Resolve("hot", "2");
        Assert.Equal(["0 a hot 1", "0 a hot 2", "900 b hot 1", "3600 a,b !hot 1", "3600 a !hot 2"], _sent);
    }

    [Fact]
    public void Inhibition_HoldsBackWhatAnotherExplains_UntilThatIsOver()
    {
        Start(
            """
            routes: [{to: [a]}]
            inhibit: [{source: "rule == 'hot'", target: "rule == 'silent'", equal: [device]}]
            """);
        Fire("hot", "1");
        Fire("silent", "1");
        Fire("silent", "2");
        At(30);
        Resolve("hot", "1");
        At(60);
        Resolve("silent", "1");
        Assert.Equal(["0 a hot 1", "0 a silent 2", "30 a !hot 1", "60 a silent 1", "60 a !silent 1"], _sent);
    }

    [Fact]
    public void Inhibition_ThatOutlastsItsTarget_NeverTellsOfIt()
    {
        Start("routes: [{to: [a]}]\ninhibit: [{source: \"rule == 'hot'\", target: \"rule == 'silent'\"}]");
        Fire("hot", "1");
        Fire("silent", "1");
        Resolve("silent", "1");
        At(600);
        Assert.Equal(["0 a hot 1"], _sent);
        Assert.Equal(1, _notifier.Muted);
    }

    [Fact]
    public void Silence_HoldsBackUntilItsEnd()
    {
        Start(
            """
            routes: [{to: [a]}]
            silences: [{match: "key.device == '1'", until: "2026-01-01T00:10:00Z", why: "test bench"}]
            """);
        Fire("hot", "1");
        Fire("once", "1");
        Fire("hot", "2");
        _notifier.AddSilence("rule == 'hot'", _start.AddMinutes(20), "storm", _now);
        Fire("hot", "3");
        At(3600);
        Assert.Equal(["0 a hot 2", "1200 a hot 1", "1200 a hot 3"], _sent);
        Assert.Equal(1, _notifier.Muted);
        Assert.Throws<FormatException>(() => _notifier.AddSilence("rule ==", _now, "", _now));
    }

    [Fact]
    public void Decisions_AreKeptOverARestart_AndASilenceCanBeEnded()
    {
        const string Routes = "routes: [{to: [a], repeat: 1h}]";
        Start(Routes);
        var id = Fire("hot", "1");
        var until = _start.AddHours(9).ToUnixTimeMilliseconds();
        Decide(new Decision(DecisionKind.Acknowledge, id));
        Decide(new Decision(DecisionKind.Silence, "s1") { Match = "key.device == '2'", UntilMs = until, Why = "x" });
        Decide(new Decision(DecisionKind.Silence, "s2") { Match = "key.device == '3'", UntilMs = until, Why = "x" });
        Decide(new Decision(DecisionKind.Silence, "s3") { Match = "no expression", UntilMs = until, Why = "x" });
        var state = _notifier.Save();
        _notifier = Create(Routes);
        Take(n => _notifier.Load(state, _now, n));
        Assert.True(_notifier.IsHeld(id));
        Assert.Equal(["s1", "s2"], _notifier.Silences.Select(s => s.Id));
        Decide(new Decision(DecisionKind.EndSilence, "s2"));
        Fire("hot", "2");
        Fire("hot", "3");
        At(3700);
        Assert.Equal(["0 a hot 1", "0 a hot 3", "3600 a hot 3"], _sent);
        Assert.Throws<InvalidDataException>(() => Decision.Decode("nonsense"u8));
    }

    [Fact]
    public void Drain_TellsWhatWaits()
    {
        Start("routes: [{to: [a], group_by: [rule]}]");
        Fire("hot", "1");
        Take(n => _notifier.Drain(_now, n));
        Assert.Equal(["0 a hot hot 1"], _sent);
    }

    [Fact]
    public void Load_ForAnotherRoute_TellsWhatWaited()
    {
        Start("routes: [{to: [a], group_by: [rule]}]");
        Fire("hot", "1");
        var state = _notifier.Save();
        Start("routes: [{to: [b]}]");
        Take(n => _notifier.Load(state, _now, n));
        Assert.Equal(["0 b hot 1"], _sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Notifications_AreTheSame_HoweverOftenItIsSavedAndLoaded(int seed)
    {
        const string Text =
            """
            routes:
              - {to: [a], match: "rule == 'hot'", group_by: [device], group_wait: 7s, group_interval: 40s, repeat: 5m}
              - {to: [b], repeat: 3m, escalate: {after: 2m, to: [c]}}
              - {to: [c], group_by: [rule], escalate: {after: 4m, to: [a]}}
            inhibit: [{source: "rule == 'hot'", target: "rule == 'silent'", equal: [device]}]
            silences: [{match: "key.device == '2'", until: "2026-01-01T00:03:00Z", why: x}]
            """;
        var (whole, broken) = (Play(Text, seed, false), Play(Text, seed, true));
        Assert.True(whole.Count > 50);
        Assert.Equal(whole, broken);
        Assert.Equal(whole.Count, whole.Select(l => l[l.LastIndexOf(' ')..] + l.Split(' ')[1]).Distinct().Count());
    }

    private List<string> Play(string text, int seed, bool interrupted)
    {
        _sent.Clear();
        Start(text);
        var random = new Random(seed);
        for (var i = 0; i < 300; i++)
        {
            var (rule, device) = (new[] { "hot", "silent", "once" }[random.Next(3)], $"{random.Next(4)}");
            if (random.Next(3) > 0)
                Fire(rule, device, withId: true);
            else
                Resolve(rule, device, withId: true);
            if (interrupted)
            {
                var state = _notifier.Save();
                _notifier = Create(text);
                Take(n => _notifier.Load(state, _now, n));
                Assert.Equal(state, _notifier.Save());
            }

            At((_now - _start).TotalSeconds + random.Next(20), withId: true);
        }

        return [.. _sent];
    }

    private void Start(string text)
    {
        _now = _start;
        _count = 0;
        _notifier = Create(text);
    }

    private static Notifier Create(string text)
    {
        const string Sinks = "rules: [r]\nsources: []\nsinks: {a: {stdout: }, b: {stdout: }, c: {stdout: }}\n";
        var read = DeploymentFile.Read(new SourceText("d.yaml", Sinks + text), _ => null);
        Assert.Empty(read.Diagnostics);
        return new Notifier(read.Deployment!, rule => rule != "once");
    }

    private void Decide(Decision decision) => _notifier.Apply(Decision.Decode(decision.Encode()), _now);

    private int _count;

    private string Fire(string rule, string device, bool withId = false) =>
        Add(rule, device, AlertStatus.Firing, withId);

    private void Resolve(string rule, string device, bool withId = false) =>
        Add(rule, device, AlertStatus.Resolved, withId);

    private string Add(string rule, string device, AlertStatus status, bool withId)
    {
        var alert = TestAlerts.Of($"id{_count++}", device, status, rule, $"{rule} {device}") with
        {
            Fields = [new("at", _now), new("took", TimeSpan.FromSeconds(90)), new("n", 1.5)],
        };
        Take(n => _notifier.Add(alert, _now, n), withId);
        return alert.Id;
    }

    /// <summary>Moves the clock, stopping wherever there is something to do.</summary>
    private void At(double seconds, bool withId = false)
    {
        var until = _start.AddSeconds(seconds);
        while (_notifier.NextDue is { } due && due <= until)
        {
            _now = due > _now ? due : _now;
            Take(n => _notifier.Tick(_now, n), withId);
        }

        _now = until;
    }

    private void Take(Action<List<Notification>> act, bool withId = false)
    {
        var notifications = new List<Notification>();
        act(notifications);
        foreach (var (to, alert) in notifications)
        {
            var text = alert.Fields.Any(f => f.Key == "alerts") ? $"{alert.Rule} {alert.Message}" : alert.Message;
            var mark = alert.Status == AlertStatus.Resolved ? "!" : "";
            var id = withId ? $" {alert.Id}" : "";
            _sent.Add(FormattableString.Invariant(
                $"{(_now - _start).TotalSeconds} {string.Join(',', to)} {mark}{text}{id}"));
        }
    }
}
