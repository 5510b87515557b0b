using Cep.Alerts;
using Cep.Events;
using Cep.Plans;

namespace Cep.Rules.Testing;

/// <summary>Runs rule tests in an engine of their own.</summary>
public static class RuleTestRunner
{
    /// <summary>Runs a test; a test that cannot run has failed. Throws for no test.</summary>
    public static RuleTestResult Run(RuleTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        if (test.Problem is { } problem)
            return new RuleTestResult(test, false, $"The test cannot run: {problem}");
        try
        {
            return new Session(test).Run();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // a defect of the engine fails the test that shows it, not those after it
            return new RuleTestResult(test, false, $"The engine failed: {error}");
        }
    }

    private sealed class Session(RuleTest test)
    {
        private readonly List<Alert> _alerts = [];
        private readonly Dictionary<string, EventBatchBuilder> _builders = new(StringComparer.Ordinal);
        private readonly Dictionary<(string Stream, long Position), int> _given = [];
        private readonly Dictionary<string, long> _lastMs = new(StringComparer.Ordinal);
        private long _clockMs;
        private bool _clockMoves;

        public RuleTestResult Run()
        {
            using var engine = new Engine(test.Plan);
            using var subscription = engine.Alerts.Subscribe(_alerts.AddRange);
            for (var i = 0; i < test.Given.Count; i++)
                Take(engine, test.Given[i], i);
            if (test.UntilMs is { } until)
                Advance(engine, until, _ => true);
            else
                engine.Complete();
            var failure = new FailureReport(test, _alerts, Matched).Create() ?? Unbalanced(engine.Ledger);
            return new RuleTestResult(test, failure is null, failure);
        }

        private void Take(Engine engine, GivenStep step, int index)
        {
            switch (step)
            {
                case GivenEvent given:
                    Push(engine, given, index);
                    break;
                case GivenAdvance advance:
                    _clockMoves = true;
                    _clockMs += advance.ByMs;
                    Advance(engine, _clockMs, s => s.Schema.TimeField < 0);
                    SetIdle(engine);
                    break;
            }
        }

        private void Advance(Engine engine, long toMs, Func<StreamPlan, bool> wanted)
        {
            foreach (var stream in test.Plan.Streams)
                if (!stream.Derived && wanted(stream))
                    engine.Advance(stream.Schema.Name, toMs);
        }

        /// <summary>Leaves out streams that have said nothing for as long as they may.</summary>
        private void SetIdle(Engine engine)
        {
            foreach (var stream in test.Plan.Streams)
                if (stream is { Derived: false, IdleMs: > 0 }
                    && _clockMs - _lastMs.GetValueOrDefault(stream.Schema.Name) >= stream.IdleMs)
                    engine.SetIdle(stream.Schema.Name, true);
        }

        private void Push(Engine engine, GivenEvent given, int index)
        {
            if (_lastMs.TryGetValue(given.Stream, out var last) && last < _clockMs)
                engine.SetIdle(given.Stream, false);
            _lastMs[given.Stream] = _clockMs;
            var builder = BuilderOf(given.Stream);
            _given[(given.Stream, builder.Position)] = index;
            if (given.Rejection is { } reason)
            {
                builder.Reject(reason, given.Raw);
            }
            else
            {
                for (var i = 0; i < given.Values.Length; i++)
                    builder.Columns[i].SetValue(builder.Count, given.Values[i]);
                builder.Commit(_clockMs);
            }

            // a test that moves the clock says when its events arrive
            engine.Push(builder.Build(_clockMoves ? _clockMs : EventBatch.UnknownArrival));
        }

        private EventBatchBuilder BuilderOf(string stream)
        {
            if (_builders.TryGetValue(stream, out var builder))
                return builder;
            var schema = test.Plan.Streams.First(s => s.Schema.Name == stream).Schema;
            return _builders[stream] = new EventBatchBuilder(schema, capacity: 4);
        }

        /// <summary>For each step of a pattern the entries of given that it took, in order of time.</summary>
        private List<StepEvents> Matched(Alert alert)
        {
            var steps = new List<StepEvents>();
            foreach (var step in alert.Evidence.Where(e => e.Step is not null).GroupBy(e => e.Step!))
            {
                var events = step.OrderBy(e => e.TimeMs);
                steps.Add(new(step.Key, [.. events.Select(e => _given.GetValueOrDefault((e.Stream, e.Position), -1))]));
            }

            return steps;
        }

        private static string? Unbalanced(Ledger ledger) => ledger.Balances
            ? null
            : $"""
               The ledger does not balance:
               {string.Join('\n', ledger.Streams.Where(s => !s.Balances))}
               {string.Join('\n', ledger.Rules.Where(r => !r.Balances))}
               """;
    }
}
