using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Plans;
using Cep.Simulators;

namespace Cep.Cli.Simulating;

/// <summary>Runs rules over a simulated world and compares their alerts with what really happened in it.</summary>
internal sealed class Evaluation
{
    private const int BatchRows = 1024;
    private readonly EnginePlan _plan;
    private readonly Simulation _simulation;
    private readonly SimulationOptions _options;
    private readonly Dictionary<string, List<Finding>> _alerts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NdjsonDecoder> _decoders = new(StringComparer.Ordinal);
    private byte[] _buffer = new byte[1 << 16];
    private int _used;

    private Evaluation(EnginePlan plan, string world, ulong seed, SimulationOptions options)
    {
        _plan = plan;
        _options = options;
        _simulation = Simulation.Create(world, seed, options);
    }

    /// <summary>The score of each rule that reads the world's streams alone, in the order of the rules.</summary>
    public static IReadOnlyList<(RulePlan Rule, Score Score)> Run(
        EnginePlan plan, string world, ulong seed, SimulationOptions options) =>
        new Evaluation(plan, world, seed, options).Scores();

    private List<(RulePlan Rule, Score Score)> Scores()
    {
        using var engine = new Engine(_plan);
        using var subscription = engine.Alerts.Subscribe(new FindingSink(this));
        Feed(engine);
        engine.Complete();
        var scenarios = _simulation.Truth.Select(t => t.Scenario).ToHashSet(StringComparer.Ordinal);
        var known = _decoders.Keys.ToHashSet(StringComparer.Ordinal);
        AddDerived(known);
        var scores = new List<(RulePlan, Score)>();
        foreach (var rule in _plan.Rules.Where(r => r.Mode != RuleMode.Off && r.Inputs.All(known.Contains)))
        {
            var scenario = rule.Tags.FirstOrDefault(scenarios.Contains);
            scores.Add((rule, Score.Of(_simulation.Truth, scenario, _alerts.GetValueOrDefault(rule.Id) ?? [])));
        }

        return scores;
    }

    private void AddDerived(HashSet<string> known)
    {
        while (_plan.Rules.FirstOrDefault(
            r => r.Emit is { } emit && !known.Contains(emit) && r.Inputs.All(known.Contains)) is { Emit: { } next })
            known.Add(next);
    }

    private void Feed(Engine engine)
    {
        string? current = null;
        var rows = 0;
        foreach (var simulated in _simulation.Events())
        {
            if (current is not null && (current != simulated.Stream || rows == BatchRows))
            {
                Push(engine, current);
                rows = 0;
            }

            current = simulated.Stream;
            Append(simulated.Json.Span);
            rows++;
        }

        if (current is not null)
            Push(engine, current);
    }

    private void Append(ReadOnlySpan<byte> json)
    {
        if (_used + json.Length + 1 + IEventDecoder.Padding > _buffer.Length)
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _used + json.Length + 1 + IEventDecoder.Padding));
        json.CopyTo(_buffer.AsSpan(_used));
        _used += json.Length;
        _buffer[_used++] = (byte)'\n';
    }

    private void Push(Engine engine, string stream)
    {
        if (!_decoders.TryGetValue(stream, out var decoder)
            && _plan.Streams.FirstOrDefault(s => s.Schema.Name == stream) is { Derived: false } declared)
            _decoders[stream] = decoder = new NdjsonDecoder(declared.Schema);
        decoder?.Decode(_buffer, 0, _used, int.MaxValue, final: true);
        _used = 0;
        if (decoder?.Build() is not { } batch)
            return;
        if (batch.Rejected is [var rejected, ..])
            throw new CommandFailure(
                $"the rules declare '{stream}' otherwise than the world has it: {rejected.Reason}");
        engine.Push(batch);
    }

    private sealed class FindingSink(Evaluation evaluation) : IObserver<IReadOnlyList<Alert>>
    {
        public void OnNext(IReadOnlyList<Alert> alerts)
        {
            foreach (var alert in alerts)
            {
                if (alert.Status != AlertStatus.Firing || alert.AtMs >= evaluation._options.EndMs)
                    continue;
                if (!evaluation._alerts.TryGetValue(alert.Rule, out var found))
                    evaluation._alerts[alert.Rule] = found = [];
                found.Add(new Finding(alert.AtMs, [.. alert.Key.Select(k => k.Value)]));
            }
        }

        public void OnError(Exception error) => throw error;

        public void OnCompleted()
        {
        }
    }
}
