using System.Runtime.CompilerServices;

namespace Cep.Events;

/// <summary>
/// One field of all events of a batch. Which array holds the values depends on the type: <see cref="Longs"/> for
/// integers, timestamps and durations, <see cref="Doubles"/> for numbers, <see cref="Bits"/> for booleans,
/// <see cref="Codes"/> into <see cref="Pool"/> for strings, <see cref="Objects"/> for any and lists
/// (bool, long, double, string, object?[] or Dictionary&lt;string, object?&gt;). Where a row is null its value is the
/// type's zero.
/// </summary>
public sealed class Column
{
    public Column(DataType type, int capacity, StringPool? pool = null)
    {
        Type = type;
        Pool = pool!;
        Resize(capacity);
    }

    public DataType Type { get; }

    public long[] Longs = [];
    public double[] Doubles = [];
    public int[] Codes = [];
    public object?[] Objects = [];

    /// <summary>The values of a boolean column, 64 rows a word.</summary>
    public ulong[] Bits = [];

    /// <summary>The rows that are null, 64 a word, or null where no row is.</summary>
    public ulong[]? Nulls;

    public StringPool Pool;

    public bool IsLong => Type is DataType.Integer or DataType.Timestamp or DataType.Duration;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsNull(int row) => Nulls is not null && (Nulls[row >> 6] >> row & 1) != 0;

    public bool Bit(int row) => (Bits[row >> 6] >> row & 1) != 0;

    /// <summary>
    /// The value of a row as an object (bool, long, double, string, object?[] …), or null. Boxes: not for the hot path.
    /// </summary>
    public object? ValueAt(int row)
    {
        if (IsNull(row))
            return null;
        return Type switch
        {
            DataType.Bool => Bit(row),
            DataType.Number => Doubles[row],
            DataType.String => Pool[Codes[row]],
            DataType.Any or DataType.List => Objects[row],
            _ => Longs[row],
        };
    }

    public void SetNull(int row)
    {
        Nulls ??= new ulong[Math.Max(1, (Capacity + 63) >> 6)];
        Nulls[row >> 6] |= 1UL << row;
    }

    /// <summary>Sets a row from an object of the column's type, as <see cref="ValueAt"/> gives it.</summary>
    public void SetValue(int row, object? value)
    {
        if (value is null)
        {
            SetNull(row);
            return;
        }

        switch (Type)
        {
            case DataType.Bool:
                SetBit(row, (bool)value);
                break;
            case DataType.Number:
                Doubles[row] = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case DataType.String:
                Codes[row] = Pool.Add((string)value);
                break;
            case DataType.Any or DataType.List:
                Objects[row] = value;
                break;
            default:
                Longs[row] = (long)value;
                break;
        }
    }

    public void SetBit(int row, bool value)
    {
        if (value)
            Bits[row >> 6] |= 1UL << row;
    }

    /// <summary>Copies one row of another column of the same type.</summary>
    public void CopyRow(int row, Column from, int fromRow)
    {
        if (from.IsNull(fromRow))
        {
            SetNull(row);
            return;
        }

        switch (Type)
        {
            case DataType.Bool:
                SetBit(row, from.Bit(fromRow));
                break;
            case DataType.Number:
                Doubles[row] = from.Doubles[fromRow];
                break;
            case DataType.String:
                Codes[row] = ReferenceEquals(Pool, from.Pool) ? from.Codes[fromRow]
                    : Pool.Add(from.Pool.Utf8(from.Codes[fromRow]));
                break;
            case DataType.Any or DataType.List:
                Objects[row] = from.Objects[fromRow];
                break;
            default:
                Longs[row] = from.Longs[fromRow];
                break;
        }
    }

    /// <summary>Writes the value of a row, as <see cref="State.StateReader.Value"/> reads it.</summary>
    internal void Save(State.StateWriter writer, int row)
    {
        if (IsNull(row))
        {
            writer.NullValue();
            return;
        }

        switch (Type)
        {
            case DataType.Bool:
                writer.Value(Bit(row));
                break;
            case DataType.Number:
                writer.Value(Doubles[row]);
                break;
            case DataType.String:
                writer.Value(Pool.Utf8(Codes[row]));
                break;
            case DataType.Any or DataType.List or DataType.Null:
                writer.Value(Objects[row]);
                break;
            default:
                writer.Value(Longs[row]);
                break;
        }
    }

    internal int Capacity { get; private set; }

    /// <summary>Makes every row null-free and zero again, keeping the arrays.</summary>
    internal void Clear(int rows)
    {
        Nulls = null;
        if (Type == DataType.Bool)
            Array.Clear(Bits, 0, (rows + 63) >> 6);
        if (Objects.Length > 0)
            Array.Clear(Objects, 0, rows);
    }

    /// <summary>Makes one row null-free and zero again.</summary>
    internal void ClearRow(int row)
    {
        if (Nulls is not null)
            Nulls[row >> 6] &= ~(1UL << row);
        if (Type == DataType.Bool)
            Bits[row >> 6] &= ~(1UL << row);
        if (Objects.Length > 0)
            Objects[row] = null;
    }

    internal void Resize(int capacity)
    {
        Capacity = capacity;
        switch (Type)
        {
            case DataType.Bool:
                Array.Resize(ref Bits, (capacity + 63) >> 6);
                break;
            case DataType.Number:
                Array.Resize(ref Doubles, capacity);
                break;
            case DataType.String:
                Array.Resize(ref Codes, capacity);
                break;
            case DataType.Any or DataType.List or DataType.Null:
                Array.Resize(ref Objects, capacity);
                break;
            default:
                Array.Resize(ref Longs, capacity);
                break;
        }

        if (Nulls is not null)
            Array.Resize(ref Nulls, Math.Max(1, (capacity + 63) >> 6));
    }
}
