using System.Diagnostics;

namespace Cep.Cli;

/// <summary>
/// A line on the terminal that says how far a long run is; nothing where standard error is no terminal.
/// </summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly long _start = Stopwatch.GetTimestamp();
    private long _last = Stopwatch.GetTimestamp();
    private bool _written;

    public bool IsShown { get; } = Output.ErrorIsTerminal;

    public void Show(long events, long alerts)
    {
        if (Stopwatch.GetElapsedTime(_last) < Pause)
            return;
        _last = Stopwatch.GetTimestamp();
        var perSecond = events / Stopwatch.GetElapsedTime(_start).TotalSeconds;
        Console.Error.Write($"\r{events:N0} events, {alerts:N0} alerts, {perSecond:N0} events/s   ");
        _written = true;
    }

    public void Dispose()
    {
        if (_written)
            Console.Error.Write("\r\e[K");
        _written = false;
    }
}
