using System.Buffers;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Makes batches of bytes that come in pieces of any size, as soon as a line is complete. One thread.
/// </summary>
internal sealed class PushDecoder(IEventDecoder decoder, int maxLineBytes, TimeProvider clock)
{
    private const int MaxRows = 4096;
    private byte[] _buffer = new byte[4096 + IEventDecoder.Padding];
    private int _start;
    private int _end;
    private int _lines;
    private bool _skipping;

    /// <summary>Takes the next bytes; then the batches have to be taken before there can be more.</summary>
    public void Append(ReadOnlySequence<byte> bytes)
    {
        foreach (var piece in bytes)
            Append(piece.Span);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_skipping)
        {
            var feed = bytes.IndexOf((byte)'\n');
            _skipping = feed < 0;
            bytes = feed < 0 ? [] : bytes[(feed + 1)..];
        }

        MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        var feedAt = bytes.LastIndexOf((byte)'\n');
        if (feedAt >= 0)
            _lines = _end + feedAt + 1;
        _end += bytes.Length;
    }

    /// <summary>The next events of what was appended, or null where there is no complete one.</summary>
    public EventBatch? Take()
    {
        decoder.ArrivalMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (_start < _lines)
            _start = decoder.Decode(_buffer, _start, _lines, MaxRows, final: false);
        if (_end - _start > maxLineBytes && decoder.Count + decoder.Rejected < MaxRows)
            DropOversized();
        return decoder.Count + decoder.Rejected > 0 ? decoder.Build() : null;
    }

    private void DropOversized()
    {
        decoder.RejectOversized(_buffer.AsSpan(_start, _end - _start));
        _skipping = _lines < _end;
        _start = _end;
        _lines = _end;
    }

    private void MakeRoom(int count)
    {
        if (_end + count + IEventDecoder.Padding <= _buffer.Length)
            return;
        var rest = _buffer.AsSpan(_start, _end - _start);
        var size = rest.Length + count + IEventDecoder.Padding;
        var target = size > _buffer.Length ? new byte[Math.Max(size, _buffer.Length * 2)] : _buffer;
        rest.CopyTo(target);
        _buffer = target;
        _lines = Math.Max(0, _lines - _start);
        _end -= _start;
        _start = 0;
    }
}
