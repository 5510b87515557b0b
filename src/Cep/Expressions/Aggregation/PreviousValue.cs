using Cep.Events;
using Cep.Expressions.Evaluation;
using Cep.State;

namespace Cep.Expressions.Aggregation;

/// <summary>
/// <c>prev(x, n)</c>: the value at the key's event n events ago; or <c>changed(x)</c>: whether the value differs from
/// the one before. A beat between events sees the last event as the current one.
/// </summary>
internal sealed class PreviousValue(Eval operand, int back, bool changed, DataType type) : ComputedColumn
{
    private readonly RingStore<object?> _values = new();

    public override DataType Storage => changed ? DataType.Bool : type is DataType.String ? DataType.Any : type;

    public override void Process(
        ReadOnlySpan<int> rows, ReadOnlySpan<int> slots, long[] times, Frame frame, Column results)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            frame.Row = rows[i];
            frame.NowMs = times[rows[i]];
            _values.Push(slots[i], frame.NowMs, operand.Box(frame));
            if (_values.Count(slots[i]) > back + 1)
                _values.PopFirst(slots[i]);
            SetResult(slots[i], results, rows[i]);
        }
    }

    public override void Peek(int slot, long nowMs, Column results, int row) => SetResult(slot, results, row);

    public override bool Holds(int slot, long watermarkMs) => _values.Count(slot) > 0;

    public override void Release(int slot) => _values.Release(slot);

    public override void Save(StateWriter writer, int slot) => _values.Save(writer, slot, (w, v) => w.Value(v));

    public override void Load(StateReader reader, int slot) => _values.Load(reader, slot, r => r.Value());

    private void SetResult(int slot, Column results, int row)
    {
        var known = _values.Count(slot) > back;
        if (changed)
            results.SetBit(row, known && !AnyValue.AreEqual(_values.ValueAt(slot, 0), _values.ValueAt(slot, 1)));
        else if (known && _values.ValueAt(slot, 0) is { } value)
            results.SetValue(row, value);
        else
            results.SetNull(row);
    }
}
