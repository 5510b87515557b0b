using Cep.Events;
using Cep.Expressions;
using Cep.Expressions.Evaluation;
using Cep.Plans;

namespace Cep.Detection;

/// <summary>
/// How keys are read from the events of one input; a key that is one text field is found by the text's code.
/// </summary>
internal sealed class KeySource
{
    private int[] _codes = [];
    private StringPool? _pool;

    public KeySource(ValueList<NamedExpr> parts, EvalCompiler compiler)
    {
        Parts = [.. parts.Select(p => compiler.Compile(p.Value))];
        TextField = parts is [{ Value: FieldExpr { Type: DataType.String } field }] ? field.Field : -1;
    }

    public Eval[] Parts { get; }

    public int TextField { get; }

    /// <summary>Slot + 2 by code, so that 0 says "not known yet" and 1 "elsewhere".</summary>
    public int[] SlotsByCode = [];

    public void Use(StringPool pool)
    {
        if (!ReferenceEquals(_pool, pool))
        {
            _pool = pool;
            Array.Clear(SlotsByCode);
            Array.Fill(_codes, -1);
        }

        if (SlotsByCode.Length < pool.Count)
            Array.Resize(ref SlotsByCode, Math.Max(pool.Count, SlotsByCode.Length * 2));
    }

    public void Remember(int code, int slot)
    {
        SlotsByCode[code] = slot + 2;
        if (slot < 0)
            return;
        var length = _codes.Length;
        if (slot >= length)
        {
            Array.Resize(ref _codes, Math.Max(slot + 1, length * 2));
            Array.Fill(_codes, -1, length, _codes.Length - length);
        }

        _codes[slot] = code;
    }

    public void Forget(int slot)
    {
        if (slot < _codes.Length && _codes[slot] >= 0)
            SlotsByCode[_codes[slot]] = 0;
    }
}
