using System.Buffers;
using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Makes batches of bytes that come in pieces of any size, as soon as a line is complete, and knows how far into the
/// input they reach. Of a line beyond the limit only the beginning is kept, and it is rejected at its end. One thread.
/// </summary>
/// <param name="decoder">What makes events of lines.</param>
/// <param name="maxLineBytes">A longer line is rejected.</param>
/// <param name="clock">Gives the events' arrival.</param>
/// <param name="from">Where in the input the first byte stands that will be appended.</param>
internal sealed class PushDecoder(IEventDecoder decoder, int maxLineBytes, TimeProvider clock, long from = 0)
{
    private const int MaxRows = 4096;
    private byte[] _buffer = new byte[4096 + IEventDecoder.Padding];
    private int _start;
    private int _end;

    // the end of the last complete line
    private int _lines;

    // what was left out of a line beyond the limit, which begins at _start; -1 where there is none
    private long _dropped = -1;

    /// <summary>
    /// Where in the input the lines end that were decoded so far: those of the batches taken, and blank ones.
    /// </summary>
    public long Position { get; private set; } = from;

    /// <summary>The lines decoded so far, blank ones included.</summary>
    public long LinesRead => decoder.LinesRead;

    /// <summary>Takes the next bytes; then the batches have to be taken before there can be more.</summary>
    public void Append(ReadOnlySequence<byte> bytes)
    {
        foreach (var piece in bytes)
            Append(piece.Span);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_dropped >= 0 && _lines <= _start)
        {
            var feed = bytes.IndexOf((byte)'\n');
            var more = feed < 0 ? bytes.Length : feed;
            _dropped += more;
            bytes = bytes[more..];
        }

        MakeRoom(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        var feedAt = bytes.LastIndexOf((byte)'\n');
        if (feedAt >= 0)
            _lines = _end + feedAt + 1;
        _end += bytes.Length;
    }

    /// <summary>The next events of what was appended, or null where there is no complete one.</summary>
    /// <param name="final">Whether the input is at its end: then its last line needs no line feed.</param>
    public EventBatch? Take(bool final = false)
    {
        decoder.ArrivalMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        if (final && _lines < _end)
            EndLastLine();
        if (_dropped >= 0 && _lines > _start)
            RejectDropped();
        if (_start < _lines && _dropped < 0)
            MoveTo(decoder.Decode(_buffer, _start, _lines, MaxRows, final));
        if (_end - _start > maxLineBytes && decoder.Count + decoder.Rejected < MaxRows)
            DropOversized();
        return decoder.Count + decoder.Rejected > 0 ? decoder.Build() : null;
    }

    /// <summary>An empty batch, for what has to go with one.</summary>
    public EventBatch Empty() => decoder.Build();

    private void MoveTo(int next)
    {
        Position += next - _start;
        _start = next;
    }

    private void EndLastLine()
    {
        Append("\n"u8);
        Position--;
    }

    private void RejectDropped()
    {
        var line = _buffer.AsSpan(_start, _lines - _start);
        line = line[..(line.IndexOf((byte)'\n') + 1)];
        decoder.RejectOversized(line[..^1]);
        Position += _dropped;
        _dropped = -1;
        MoveTo(_start + line.Length);
    }

    private void DropOversized()
    {
        if (_lines > _start)
        {
            // lines that make no record together, such as an open quote in CSV
            decoder.RejectOversized(_buffer.AsSpan(_start, _lines - _start));
            MoveTo(_lines);
            return;
        }

        var kept = Math.Min(_end - _start, DecoderOptions.RawLimitBytes);
        _dropped = Math.Max(_dropped, 0) + _end - _start - kept;
        _end = _start + kept;
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
