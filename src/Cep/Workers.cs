using Cep.Detection.Routing;

namespace Cep;

/// <summary>
/// Runs the same steps on all partitions side by side, each on a thread of its own, and waits for all. Small work is
/// done on the caller's thread: waking others would cost more.
/// </summary>
internal sealed class Workers : IDisposable
{
    private const int WorthWaking = 256;

    private readonly Partition[] _partitions;
    private readonly SemaphoreSlim[] _wake;
    private readonly Thread[] _threads;
    private readonly CountdownEvent _done;
    private List<Step> _steps = [];
    private Exception? _failure;
    private volatile bool _stopping;

    public Workers(Partition[] partitions)
    {
        _partitions = partitions;
        _done = new CountdownEvent(Math.Max(1, partitions.Length - 1));
        _wake = [.. partitions.Skip(1).Select(_ => new SemaphoreSlim(0))];
        _threads = [.. _wake.Select(
            (_, i) => new Thread(() => Work(i)) { IsBackground = true, Name = $"cep-worker-{i + 1}" })];
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <exception cref="InvalidOperationException">A partition failed; the inner exception says how.</exception>
    public void Run(List<Step> steps, int rows)
    {
        if (_threads.Length == 0 || rows < WorthWaking)
        {
            foreach (var partition in _partitions)
                RunOn(partition, steps);
            return;
        }

        _steps = steps;
        _done.Reset();
        foreach (var wake in _wake)
            wake.Release();
        RunOn(_partitions[0], steps);
        _done.Wait();
        if (_failure is { } failure)
            throw new InvalidOperationException("A partition failed.", failure);
    }

    public void Dispose()
    {
        _stopping = true;
        foreach (var wake in _wake)
            wake.Release();
        foreach (var thread in _threads)
            thread.Join();
        foreach (var wake in _wake)
            wake.Dispose();
        _done.Dispose();
    }

    private static void RunOn(Partition partition, List<Step> steps)
    {
        foreach (var step in steps)
            partition.Run(step);
    }

    private void Work(int index)
    {
        while (true)
        {
            _wake[index].Wait();
            if (_stopping)
                return;
            try
            {
                RunOn(_partitions[index + 1], _steps);
            }
            catch (Exception e)
            {
                // it is thrown again where the caller waits
                _failure = e;
            }

            _done.Signal();
        }
    }
}
