using System.Collections.Concurrent;
using Cep.Connectors.Formats;
using Cep.Events;

namespace Cep.Connectors.Files;

/// <summary>
/// Recorded events of one stream: a file of NDJSON or CSV, plain or gzipped, or standard input. A thread of its own
/// reads and decodes a few batches ahead, so that decoding and whoever takes the batches use two cores.
/// </summary>
public sealed class RecordedInput : IDisposable
{
    private const int BatchesAhead = 8;
    private readonly BlockingCollection<EventBatch> _batches = new(BatchesAhead);
    private readonly CancellationTokenSource _stop = new();
    private readonly Stream _stream;
    private readonly Thread _thread;
    private Exception? _failure;

    private RecordedInput(Stream stream, DecodePump pump, string name)
    {
        _stream = stream;
        _thread = new Thread(() => Run(pump)) { IsBackground = true, Name = "read " + name };
        _thread.Start();
    }

    /// <summary>Whether the next batch is there already.</summary>
    public bool IsReady => _batches.Count > 0 || _batches.IsCompleted;

    /// <param name="path">A file, or <c>-</c> for standard input.</param>
    /// <param name="schema">The stream that its events belong to.</param>
    /// <param name="options">What is kept of them.</param>
    /// <param name="batchRows">The most events of a batch.</param>
    /// <param name="arrivals">The clock by which events arrive as they are read; null: they are replayed.</param>
    /// <exception cref="IOException">The file can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static RecordedInput Open(
        string path, StreamSchema schema, DecoderOptions options, int batchRows = 4096, TimeProvider? arrivals = null)
    {
        var sized = options with { Capacity = batchRows + 64 };
        var stream = InputFile.Open(path, out var format);
        IEventDecoder decoder = format == InputFormat.Csv
            ? new CsvDecoder(schema, sized)
            : new NdjsonDecoder(schema, sized);
        var pump = new DecodePump(
            stream, decoder, options.MaxLineBytes, batchRows, prompt: path == "-", arrivals: arrivals);
        return new RecordedInput(stream, pump, path);
    }

    /// <summary>The next batch; waits for it. Null at the end.</summary>
    /// <exception cref="IOException">The input could not be read to its end.</exception>
    public EventBatch? Next()
    {
        if (_batches.TryTake(out var batch, Timeout.Infinite))
            return batch;
        return _failure is null ? null : throw new IOException(_failure.Message, _failure);
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_stream is not { CanSeek: false })
            _thread.Join();
        _stream.Dispose();
        _stop.Dispose();
    }

    private void Run(DecodePump pump)
    {
        try
        {
            while (pump.Next() is { } batch)
                _batches.Add(batch, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // whoever took the batches has enough of them
        }
        catch (Exception e) when (e is IOException or InvalidDataException or ObjectDisposedException)
        {
            _failure = e;
        }
        finally
        {
            _batches.CompleteAdding();
        }
    }
}
