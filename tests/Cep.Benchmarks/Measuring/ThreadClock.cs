using System.Runtime.InteropServices;

namespace Cep.Benchmarks.Measuring;

/// <summary>The processor time of the calling thread.</summary>
internal static partial class ThreadClock
{
    private const int ThreadCpuTime = 3;

    public static double Seconds => clock_gettime(ThreadCpuTime, out var time) == 0
        ? time.Seconds + time.Nanoseconds * 1e-9
        : throw new PlatformNotSupportedException("There is no clock of the thread's processor time.");

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
