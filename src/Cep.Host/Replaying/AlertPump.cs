using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Cep.Alerts;
using Cep.Connectors.Formats;

namespace Cep.Host.Replaying;

/// <summary>
/// Writes alerts on a thread of its own, so that the engine goes on meanwhile; at most so many batches wait.
/// </summary>
internal sealed class AlertPump : IDisposable
{
    private const int MostWaiting = 32;
    private readonly BlockingCollection<Work> _waiting = new(MostWaiting);
    private readonly AlertLines _lines;
    private readonly Thread _thread;
    private ExceptionDispatchInfo? _failure;

    public AlertPump(Stream output)
    {
        _lines = new AlertLines(output);
        _thread = new Thread(Write) { IsBackground = true, Name = "write alerts" };
        _thread.Start();
    }

    private readonly record struct Work(IReadOnlyList<Alert>? Alerts, long FloorMs, bool Now);

    public void Add(IReadOnlyList<Alert> alerts) => Enqueue(new Work(alerts, 0, false));

    /// <summary>Lets alerts before the floor (ms) be written: see <see cref="AlertLines.Release"/>.</summary>
    public void Release(long floorMs, bool now) => Enqueue(new Work(null, floorMs, now));

    /// <summary>Writes what is left and waits for it.</summary>
    /// <exception cref="IOException">The output could not be written.</exception>
    public void Complete()
    {
        _waiting.CompleteAdding();
        _thread.Join();
        _failure?.Throw();
    }

    public void Dispose()
    {
        _waiting.CompleteAdding();
        _thread.Join();
        _waiting.Dispose();
    }

    private void Enqueue(Work work)
    {
        _failure?.Throw();
        _waiting.Add(work);
    }

    private void Write()
    {
        foreach (var work in _waiting.GetConsumingEnumerable())
        {
            if (_failure is not null)
                continue;
            try
            {
                Do(work);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
            {
                // told to whoever adds next, or waits for the end
                _failure = ExceptionDispatchInfo.Capture(e);
            }
        }

        if (_failure is null)
            _lines.Complete();
    }

    private void Do(in Work work)
    {
        if (work.Alerts is null)
        {
            _lines.Release(work.FloorMs, work.Now);
            return;
        }

        foreach (var alert in work.Alerts)
            if (!alert.Shadow)
                _lines.Add(alert);
    }
}
