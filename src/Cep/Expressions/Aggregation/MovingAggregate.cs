using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// An aggregate over a key's events of the last so many milliseconds, or over its last so many events. Constant time
/// per event, amortized, for all folds but those that read the values.
/// </summary>
internal sealed class MovingAggregate<TIn, TOut> : ComputedColumn
{
    private readonly Eval<TIn> _argument;
    private readonly Fold<TIn, TOut> _fold;
    private readonly StateCodec<TIn> _codec;
    private readonly AggregateRange _range;
    private readonly RingStore<TIn> _values = new();

    /// <summary>
    /// By number of events: for each of them 1, or 0 where its value is null and so not among the values.
    /// </summary>
    private readonly RingStore<NoValue> _events = new();

    public MovingAggregate(
        Eval<TIn> argument, Fold<TIn, TOut> fold, StateCodec<TIn> codec, AggregateRange range, DataType storage)
    {
        (_argument, _fold, _codec, _range, Storage) = (argument, fold, codec, range, storage);
        fold.Values = _values;
    }

    public override DataType Storage { get; }

    private bool ByRows => _range.Kind == RangeKind.Rows;

    public override void Process(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> slots, long[] times, Frame frame, Column results)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            var slot = slots[i];
            frame.Row = row;
            frame.NowMs = times[row];
            _fold.EnsureCapacity(slot + 1);
            if (_range.Prior)
            {
                if (!ByRows)
                    ExpireTime(slot, times[row]);
                SetResult(slot, results, row);
                Take(slot, frame);
                if (ByRows)
                    ExpireRows(slot);
            }
            else
            {
                Take(slot, frame);
                if (ByRows)
                    ExpireRows(slot);
                else
                    ExpireTime(slot, times[row]);
                SetResult(slot, results, row);
            }
        }
    }

    public override void Peek(int slot, long nowMs, Column results, int row)
    {
        _fold.EnsureCapacity(slot + 1);
        if (!ByRows)
            ExpireTime(slot, nowMs);
        SetResult(slot, results, row);
    }

    public override bool Holds(int slot, long watermarkMs)
    {
        if (ByRows)
            return _events.Count(slot) > 0;
        var count = _values.Count(slot);
        return count > 0 && _values.TimeAt(slot, count - 1) > watermarkMs - _range.Length;
    }

    public override void Release(int slot)
    {
        _fold.EnsureCapacity(slot + 1);
        _fold.Reset(slot);
        _values.Release(slot);
        _events.Release(slot);
    }

    public override void Save(StateWriter writer, int slot)
    {
        _fold.EnsureCapacity(slot + 1);
        _values.Save(writer, slot, _codec.Write);
        _events.Save(writer, slot, StateCodecs.None.Write);
        _fold.Save(writer, slot);
    }

    public override void Load(StateReader reader, int slot)
    {
        _fold.EnsureCapacity(slot + 1);
        _values.Load(reader, slot, _codec.Read);
        _events.Load(reader, slot, StateCodecs.None.Read);
        _fold.Load(reader, slot);
    }

    private void Take(int slot, Frame frame)
    {
        var known = _argument.TryGet(frame, out var value);
        if (known)
        {
            _values.Push(slot, frame.NowMs, value);
            _fold.Add(slot, value);
        }

        if (ByRows)
            _events.Push(slot, known ? 1 : 0, default);
    }

    private void ExpireTime(int slot, long nowMs)
    {
        var oldest = nowMs - _range.Length;
        while (_values.Count(slot) > 0 && _values.TimeAt(slot, 0) <= oldest)
            DropFirst(slot);
    }

    private void ExpireRows(int slot)
    {
        while (_events.Count(slot) > _range.Length)
        {
            if (_events.TimeAt(slot, 0) != 0)
                DropFirst(slot);
            _events.PopFirst(slot);
        }
    }

    private void DropFirst(int slot)
    {
        _fold.Remove(slot, _values.FirstValue(slot));
        _values.PopFirst(slot);
    }

    private void SetResult(int slot, Column results, int row)
    {
        if (!_fold.TryGet(slot, out var value))
            results.SetNull(row);
        else if (typeof(TOut) == typeof(long))
            results.Longs[row] = (long)(object)value!;
        else if (typeof(TOut) == typeof(double))
            results.Doubles[row] = (double)(object)value!;
        else
            results.Objects[row] = value;
    }
}
