using System.Threading.Channels;
using Cep.Events;

namespace Cep.Connectors.Tests;

/// <summary>
/// What stands behind a source in tests: takes rows, keeps them at once or when it is told to, remembers marks.
/// </summary>
internal sealed class Taker
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private readonly Channel<(double? X, string? Reason)> _rows = Channel.CreateUnbounded<(double?, string?)>();
    private readonly Dictionary<string, byte[]> _marks = new(StringComparer.Ordinal);
    private readonly List<Arrival> _unkept = [];
    private readonly Lock _lock = new();
    private bool _holds;
    private TaskCompletionSource? _gate;

    public Intake Intake => new(AcceptAsync, MarkOf);

    public long Duplicates { get; private set; }

    public long Shed { get; private set; }

    public int Waiting { get; private set; }

    /// <summary>From now on nothing is kept until it is told to keep.</summary>
    public void Hold()
    {
        lock (_lock)
            _holds = true;
    }

    /// <summary>Keeps the first of what waits, or all.</summary>
    public void Keep(int count = int.MaxValue)
    {
        lock (_lock)
        {
            var kept = _unkept.Take(count).ToList();
            _unkept.RemoveRange(0, kept.Count);
            kept.ForEach(Keep);
        }
    }

    /// <summary>Forgets what is not kept, as a crash does.</summary>
    public void Crash()
    {
        lock (_lock)
            _unkept.Clear();
    }

    /// <summary>From now on nothing is taken until <see cref="Open"/>.</summary>
    public void Close() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate!.SetResult();

    public byte[]? MarkOf(string part)
    {
        lock (_lock)
            return _marks.GetValueOrDefault(part);
    }

    public Task<(double? X, string? Reason)> NextAsync() =>
        _rows.Reader.ReadAsync().AsTask().WaitAsync(Limit, CancellationToken.None);

    public async Task<List<double?>> NextAsync(int count)
    {
        var rows = new List<double?>();
        while (rows.Count < count)
            rows.Add((await NextAsync()).X);
        return rows;
    }

    public bool IsEmpty => !_rows.Reader.TryPeek(out _);

    /// <summary>Waits until something holds; it is looked at again and again.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (!condition())
            await Task.Delay(5, limit.Token);
    }

    private async ValueTask AcceptAsync(Arrival arrival, CancellationToken stop)
    {
        if (_gate is { } gate)
        {
            Waiting++;
            await gate.Task;
        }

        lock (_lock)
        {
            Take(arrival.Events);
            if (_holds)
                _unkept.Add(arrival);
            else
                Keep(arrival);
        }
    }

    private void Take(EventBatch batch)
    {
        for (var row = 0; row < batch.Count; row++)
            _rows.Writer.TryWrite(((double?)batch.Value("x", row), null));
        foreach (var rejected in batch.Rejected)
            _rows.Writer.TryWrite((null, rejected.Reason));
        Duplicates += batch.Duplicates;
        Shed += batch.Shed;
    }

    private void Keep(Arrival arrival)
    {
        if (arrival.Mark is { } mark)
            _marks[mark.Part] = mark.Position;
        arrival.Kept?.Invoke();
    }
}
