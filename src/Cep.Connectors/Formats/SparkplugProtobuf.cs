using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Cep.Connectors.Formats;

/// <summary>Reads the Protocol Buffers form of Sparkplug B payloads (Sparkplug 3.0, 6.4.1).</summary>
internal ref struct SparkplugProtobuf(ReadOnlySpan<byte> bytes)
{
    private readonly int _total = bytes.Length;
    private ReadOnlySpan<byte> _rest = bytes;
    private bool _isBroken;

    /// <returns>Null where the bytes are not such a payload.</returns>
    public static SparkplugPayload? Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new SparkplugProtobuf(bytes);
        var payload = new SparkplugPayload();
        while (!reader._rest.IsEmpty && !reader._isBroken)
        {
            switch (reader.VarInt())
            {
                case 1 << 3:
                    payload.TimestampMs = (long)reader.VarInt();
                    break;
                case 2 << 3 | 2:
                    if (Metric(reader.Data()) is not { } metric)
                        return null;
                    payload.Metrics.Add(metric);
                    break;
                case 3 << 3:
                    payload.Sequence = reader.VarInt();
                    break;
                case var other:
                    reader.Skip(other);
                    break;
            }
        }

        return reader._isBroken ? null : payload;
    }

    private static SparkplugMetric? Metric(ReadOnlySpan<byte> bytes)
    {
        var reader = new SparkplugProtobuf(bytes);
        var metric = new SparkplugMetric();
        while (!reader._rest.IsEmpty && !reader._isBroken)
        {
            switch (reader.VarInt())
            {
                case 1 << 3 | 2:
                    metric.Name = reader.Text();
                    break;
                case 2 << 3:
                    metric.Alias = reader.VarInt();
                    break;
                case 3 << 3:
                    metric.TimestampMs = (long)reader.VarInt();
                    break;
                case 4 << 3:
                    metric.Type = SparkplugMetric.TypeName(reader.VarInt());
                    break;
                case var other:
                    reader.Value(other, metric);
                    break;
            }
        }

        return reader._isBroken ? null : metric;
    }

    private void Value(ulong key, SparkplugMetric metric)
    {
        switch (key)
        {
            case 10 << 3 or 11 << 3:
                metric.Bits = VarInt();
                break;
            case 12 << 3 | 5:
                var single = BitConverter.UInt32BitsToSingle((uint)Fixed(4));
                metric.Json = float.IsFinite(single)
                    ? Encoding.ASCII.GetBytes(single.ToString("R", CultureInfo.InvariantCulture))
                    : null;
                break;
            case 13 << 3 | 1:
                var number = BitConverter.UInt64BitsToDouble(Fixed(8));
                metric.Json = double.IsFinite(number)
                    ? Encoding.ASCII.GetBytes(number.ToString("R", CultureInfo.InvariantCulture))
                    : null;
                break;
            case 14 << 3:
                metric.Json = VarInt() != 0 ? "true"u8.ToArray() : "false"u8.ToArray();
                break;
            case 15 << 3 | 2:
                metric.Json = JsonSerializer.SerializeToUtf8Bytes(Text());
                break;
            case 16 << 3 | 2:
                metric.Json = JsonSerializer.SerializeToUtf8Bytes(Convert.ToBase64String(Data()));
                break;
            default:
                Skip(key);
                break;
        }
    }

    private ulong VarInt()
    {
        ulong value = 0;
        for (var i = 0; i < 10 && i < _rest.Length; i++)
        {
            value |= (ulong)(_rest[i] & 0x7F) << (7 * i);
            if (_rest[i] >= 0x80)
                continue;
            _rest = _rest[(i + 1)..];
            return value;
        }

        Break();
        return 0;
    }

    private ulong Fixed(int count)
    {
        var bytes = Take(count);
        return bytes.Length < count ? 0
            : count == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes)
            : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private ReadOnlySpan<byte> Data()
    {
        var length = VarInt();
        return length <= (ulong)_total ? Take((int)length) : Take(int.MaxValue);
    }

    private string Text()
    {
        var text = Data();
        if (!Utf8.IsValid(text))
            Break();
        return Encoding.UTF8.GetString(text);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
        {
            Break();
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private void Skip(ulong key)
    {
        switch (key & 7)
        {
            case 0:
                VarInt();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Data();
                break;
            case 5:
                Take(4);
                break;
            default:
                Break();
                break;
        }
    }

    private void Break()
    {
        _isBroken = true;
        _rest = default;
    }
}
