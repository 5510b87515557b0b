using System.Reactive;
using Cep.Detection;
using Cep.Events;

namespace Cep.Reactive;

/// <summary>A rule over events of a C# type, as an observable: each subscription has an engine of its own.</summary>
internal sealed class RuleObservable<T, TResult>(
    IObservable<T> source, RuleSource<T> rule, Func<DetectionReader<TResult>> readers) : ObservableBase<TResult>
{
    public RuleSource<T> Rule { get; } = rule;

    protected override IDisposable SubscribeCore(IObserver<TResult> observer) =>
        new RuleSink<T, TResult>(Rule, readers(), observer).Run(source);
}

/// <summary>One subscription to a rule.</summary>
internal sealed class RuleSink<T, TResult> : EngineSink<T, TResult>
{
    private readonly RuleSource<T> _rule;
    private readonly EventBatch _row;
    private long _late;

    public RuleSink(RuleSource<T> rule, DetectionReader<TResult> reader, IObserver<TResult> observer)
        : base(observer, rule.Timing.Clock)
    {
        _rule = rule;
        _row = rule.CreateRow();
        Engine = new Engine(rule.Plan, new EngineOptions(), _ => new Found(this, reader));
    }

    protected override Engine Engine { get; }

    protected override void Take(T value)
    {
        _row.Times[0] = _rule.Timing.Time is { } time ? ColumnTypes.Ms(time(value)) : NowMs();
        _rule.Write(value, _row);

        // the engine copies what it keeps, so that the row can be written again
        Engine.Push(_row);
        _row.Positions[0]++;
        if (_rule.Late is { } late && Engine.LateCount(_rule.Shape.Name) is var count && count > _late)
        {
            _late = count;
            late.OnNext(value);
        }
    }

    protected override void Tick(long nowMs) => Engine.Advance(_rule.Shape.Name, nowMs);

    protected override long NextDueMs(long nowMs) => Engine.NextDueMs(_rule.Shape.Name);

    private sealed class Found(RuleSink<T, TResult> sink, DetectionReader<TResult> reader) : DetectionSink
    {
        public override void Accept(HostedRule rule, Detected detected) =>
            sink.Add(detected.AtMs, reader.Read(rule, detected));
    }
}
