using Cep.Events;

namespace Cep.Connectors.Formats;

/// <summary>
/// Reads a stream of bytes in blocks and has a decoder make batches of it. Constant memory. One thread.
/// </summary>
internal sealed class DecodePump
{
    private readonly Stream _input;
    private readonly IEventDecoder _decoder;
    private readonly int _maxLineBytes;
    private readonly int _maxRows;
    private readonly bool _prompt;
    private readonly TimeProvider? _arrivals;
    private byte[] _buffer;
    private int _start;
    private int _lines;
    private int _end;
    private bool _ended;
    private bool _skipping;
    private bool _stuck;

    /// <param name="input">What is read.</param>
    /// <param name="decoder">What makes events of it.</param>
    /// <param name="maxLineBytes">A longer line is rejected.</param>
    /// <param name="maxRows">The most events a batch gets.</param>
    /// <param name="prompt">Whether a batch goes out with what has come, instead of waiting until it is full.</param>
    /// <param name="blockBytes">How much is read at a time.</param>
    /// <param name="arrivals">The clock of the events' arrival, or null where they are recorded.</param>
    public DecodePump(
        Stream input, IEventDecoder decoder, int maxLineBytes, int maxRows, bool prompt, int blockBytes = 1 << 18,
        TimeProvider? arrivals = null)
    {
        _input = input;
        _decoder = decoder;
        _maxLineBytes = maxLineBytes;
        _maxRows = maxRows;
        _prompt = prompt;
        _arrivals = arrivals;
        _buffer = new byte[blockBytes + IEventDecoder.Padding];
    }

    /// <summary>The next events, or null at the end.</summary>
    public EventBatch? Next()
    {
        while (true)
        {
            if (_start < _lines && !_stuck)
            {
                var before = _start;
                _decoder.ArrivalMs = _arrivals?.GetUtcNow().ToUnixTimeMilliseconds();
                _start = _decoder.Decode(_buffer, _start, _lines, _maxRows, _ended);
                var made = _decoder.Count + _decoder.Rejected;
                _stuck = _start < _lines && made < _maxRows;
                if (made >= _maxRows || (made > 0 && _prompt))
                    return _decoder.Build();
                if (_start > before && !_stuck)
                    continue;
            }

            if (_ended)
                return _decoder.Count + _decoder.Rejected > 0 ? _decoder.Build() : null;
            Fill();
        }
    }

    private void Fill()
    {
        var rest = _end - _start;
        if (_start > 0)
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, rest);
        _start = 0;
        if (rest > _maxLineBytes)
            rest = DropOversized(rest);
        if (rest * 2 > _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
        var got = _input.Read(_buffer, rest, _buffer.Length - rest - IEventDecoder.Padding);
        _ended = got == 0;
        _stuck = false;
        _end = rest + got;
        if (_ended && _end > 0)
            _buffer[_end++] = (byte)'\n';
        if (_skipping)
            SkipToLine();
        _lines = _start + _buffer.AsSpan(_start, _end - _start).LastIndexOf((byte)'\n') + 1;
    }

    private int DropOversized(int rest)
    {
        _decoder.RejectOversized(_buffer.AsSpan(0, rest));
        _skipping = true;
        return 0;
    }

    private void SkipToLine()
    {
        var feed = _buffer.AsSpan(0, _end).IndexOf((byte)'\n');
        _skipping = feed < 0;
        _start = feed < 0 ? _end : feed + 1;
    }
}
