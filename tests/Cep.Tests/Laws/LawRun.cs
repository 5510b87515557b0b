using System.Buffers;
using Cep.Alerts;
using Cep.Events;
using Cep.Plans;

namespace Cep.Tests.Laws;

/// <summary>How a case is run, and what comes out.</summary>
internal sealed class LawRun : IDisposable
{
    private readonly EnginePlan _plan;
    private readonly bool _sweeps;
    private readonly EventBatchBuilder _builder;
    private readonly List<Alert> _alerts = [];
    private Engine _engine;

    private LawRun(EnginePlan plan, int workers, bool sweeps)
    {
        (_plan, _sweeps) = (plan, sweeps);
        _builder = new EventBatchBuilder(plan.Streams.First(s => s.Schema.Name == "events").Schema, capacity: 4);
        _engine = Start(workers);
    }

    public Ledger Ledger => _engine.Ledger;

    /// <summary>As <see cref="Alerts"/>, those of a rule.</summary>
    public List<string> AlertsOf(string rule) =>
        [.. _alerts.Where(a => a.Rule == rule).Select(AlertText.Of).Order(StringComparer.Ordinal)];

    /// <summary>The alerts, one a line, in the order of alerts.</summary>
    public List<string> Alerts => [.. _alerts.Select(AlertText.Of).Order(StringComparer.Ordinal)];

    /// <param name="plan">The rules.</param>
    /// <param name="test">The input.</param>
    /// <param name="cut">Whether a batch ends after an input.</param>
    /// <param name="workers">The workers to begin with.</param>
    /// <param name="restore">
    /// With how many workers a fresh engine goes on from the state saved after an input; 0: none.
    /// </param>
    /// <param name="replace">The rules that take the place of others after an input, or null.</param>
    /// <param name="sweeps">Keys are let go of as soon as nothing holds them.</param>
    public static LawRun Of(
        EnginePlan plan, LawCase test, Func<int, bool>? cut = null, int workers = 1, Func<int, int>? restore = null,
        bool sweeps = false, Func<int, EnginePlan?>? replace = null)
    {
        var run = new LawRun(plan, workers, sweeps);
        for (var i = 0; i < test.Inputs.Count; i++)
        {
            run.Take(test.Inputs[i]);
            if (cut is null || cut(i) || restore is not null)
                run.Push();
            if (restore?.Invoke(i) is > 0 and var others)
                run.Restore(others);
            if (replace?.Invoke(i) is { } other)
                run.Replace(other);
        }

        run.Push();
        if (test.Completes)
            run._engine.Complete();
        return run;
    }

    public void Dispose() => _engine.Dispose();

    private Engine Start(int workers)
    {
        var engine = new Engine(_plan, _sweeps
            ? new EngineOptions(workers) { SweepFromKeys = 0 }
            : new EngineOptions(workers));
        engine.Alerts.Subscribe(_alerts.AddRange);
        return engine;
    }

    private void Take(LawInput input)
    {
        switch (input.Kind)
        {
            case LawInputKind.Event:
                var values = input.Values;
                for (var i = 0; i < values.Length; i++)
                    _builder.Columns[i].SetValue(_builder.Count, values[i]);
                _builder.Commit();
                break;
            case LawInputKind.Rejected:
                _builder.Reject("no event", "");
                break;
            default:
                Push();
                _engine.Advance("events", input.TimeMs);
                break;
        }
    }

    private void Push()
    {
        if (_builder.Position > 0)
            _engine.Push(_builder.Build());
    }

    private void Replace(EnginePlan plan)
    {
        Push();
        var before = _engine;
        _engine = before.Replace(plan);
        before.Dispose();
        _engine.Alerts.Subscribe(_alerts.AddRange);
    }

    private void Restore(int workers)
    {
        var state = new ArrayBufferWriter<byte>();
        _engine.Save(state);
        _engine.Dispose();
        _engine = Start(workers);
        _engine.Load(state.WrittenSpan);
    }
}
