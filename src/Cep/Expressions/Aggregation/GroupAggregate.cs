using Cep.Expressions.Evaluation;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>An aggregate over the events of each of many groups (windows of keys). Nulls are left out.</summary>
internal abstract class GroupAggregate
{
    /// <summary>The result for the frame's group.</summary>
    public abstract Eval Result { get; }

    /// <summary>The mean, where the aggregate is a sum of numbers: the two share their state.</summary>
    public abstract Eval Mean { get; }

    public abstract void EnsureCapacity(int groups);

    /// <summary>Adds the frame's event to a group.</summary>
    public abstract void Add(int group, Frame frame);

    /// <summary>Adds the event of each row to the group beside it.</summary>
    public abstract void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, long[] times, Frame frame);

    public abstract void Reset(ReadOnlySpan<int> groups);

    public abstract void Merge(int into, int from);

    public abstract void Save(StateWriter writer, int group);

    public abstract void Load(StateReader reader, int group);
}

internal sealed class GroupAggregate<TIn, TOut> : GroupAggregate
{
    private readonly Eval<TIn> _argument;
    private readonly Fold<TIn, TOut> _fold;
    private readonly StateCodec<TIn> _codec;
    private readonly RingStore<TIn>? _values;
    private readonly int _plainColumn;

    /// <param name="argument">What is aggregated.</param>
    /// <param name="fold">How.</param>
    /// <param name="codec">How values are saved.</param>
    /// <param name="plainColumn">The field's index where the argument is just a field, else -1.</param>
    public GroupAggregate(Eval<TIn> argument, Fold<TIn, TOut> fold, StateCodec<TIn> codec, int plainColumn)
    {
        (_argument, _fold, _codec, _plainColumn) = (argument, fold, codec, plainColumn);
        if (fold.ReadsValues)
            fold.Values = _values = new RingStore<TIn>();
    }

    public override Eval Result => new ResultEval(_fold);

    public override Eval Mean => _fold is NumberSumFold sum
        ? new MeanEval(sum)
        : throw new InvalidOperationException("Only a sum of numbers has a mean.");

    public override void EnsureCapacity(int groups) => _fold.EnsureCapacity(groups);

    public override void Add(int group, Frame frame)
    {
        if (!_argument.TryGet(frame, out var value))
            return;
        _fold.Add(group, value);
        _values?.Insert(group, frame.NowMs, value);
    }

    public override void AddEach(ReadOnlySpan<int> groups, ReadOnlySpan<int> rows, long[] times, Frame frame)
    {
        if (_fold is CountFold<TIn> count && _argument is ConstEval<TIn>)
        {
            count.AddEach(groups);
            return;
        }

        if (_plainColumn >= 0 && _fold is NumberSumFold sum && frame.Columns[_plainColumn] is { Nulls: null } column)
        {
            sum.AddEach(groups, rows, column.Doubles);
            return;
        }

        for (var i = 0; i < rows.Length; i++)
        {
            frame.Row = rows[i];
            frame.NowMs = times[rows[i]];
            Add(groups[i], frame);
        }
    }

    public override void Reset(ReadOnlySpan<int> groups)
    {
        foreach (var group in groups)
            _fold.Reset(group);
        if (_values is null)
            return;
        foreach (var group in groups)
            _values.Release(group);
    }

    public override void Merge(int into, int from)
    {
        _fold.Merge(into, from);
        if (_values is null)
            return;
        for (var i = 0; i < _values.Count(from); i++)
            _values.Insert(into, _values.TimeAt(from, i), _values.ValueAt(from, i));
    }

    public override void Save(StateWriter writer, int group)
    {
        _fold.Save(writer, group);
        _values?.Save(writer, group, _codec.Write);
    }

    public override void Load(StateReader reader, int group)
    {
        _fold.Load(reader, group);
        _values?.Load(reader, group, _codec.Read);
    }

    private sealed class MeanEval : Eval<double>
    {
        private readonly NumberSumFold _sum;

        public MeanEval(NumberSumFold sum)
        {
            _sum = sum;
            sum.AddCounts();
        }

        public override bool TryGet(Frame frame, out double value) => _sum.TryGetMean(frame.Group, out value);
    }

    private sealed class ResultEval(Fold<TIn, TOut> fold) : Eval<TOut>
    {
        public override bool TryGet(Frame frame, out TOut value) => fold.TryGet(frame.Group, out value);
    }
}
