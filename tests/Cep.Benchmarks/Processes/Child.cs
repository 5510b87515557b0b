using System.Diagnostics;

namespace Cep.Benchmarks.Processes;

/// <summary>Programs run as a whole, as a user would.</summary>
internal static class Child
{
    /// <summary>Runs a program to its end.</summary>
    /// <returns>Seconds, its exit code, and what it wrote to stdout.</returns>
    public static (double Seconds, int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NO_COLOR"] = "1";
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        var seconds = watch.Elapsed.TotalSeconds;
        error.Wait();
        return (seconds, process.ExitCode, output);
    }

    /// <summary>The most memory (MB) that two runs of a contestant use, and what of it the events take.</summary>
    public static (long PeakMb, long BaseMb) Memory(string contestant, string workload, int events)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["serve", contestant, workload, $"{events}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var ready = process.StandardOutput.ReadLine()!.Split('=')[1];
        Ask("run");
        Ask("run");
        var peak = Ask("rss").Split(' ')[1];
        process.StandardInput.WriteLine("quit");
        process.WaitForExit();
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        return (long.Parse(peak, culture) / 1024, long.Parse(ready, culture) / 1024);

        string Ask(string command)
        {
            process.StandardInput.WriteLine(command);
            return process.StandardOutput.ReadLine()!;
        }
    }
}
