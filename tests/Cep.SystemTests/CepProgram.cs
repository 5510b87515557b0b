using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cep.SystemTests;

/// <summary>The built <c>cep</c>, started as a process.</summary>
internal sealed class CepProgram : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly StringBuilder _errors = new();
    private readonly List<(string Text, TaskCompletionSource<string> Seen)> _awaited = [];
    private readonly Lock _lock = new();

    private CepProgram(
        IEnumerable<string> arguments, string? input, (string Name, string Value)? variable, string? program = null)
    {
        var start = new ProcessStartInfo(program ?? Path(), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (variable is var (name, value))
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginErrorReadLine();
        if (input is not null)
            _process.StandardInput.Write(input);
        _process.StandardInput.Close();
    }

    public string Errors
    {
        get
        {
            lock (_lock)
                return _errors.ToString();
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<CepResult> RunWithInputAsync(string? input, params string[] arguments)
    {
        using var program = new CepProgram(arguments, input, null);
        var output = await program._process.StandardOutput.ReadToEndAsync().WaitAsync(Limit);
        await program._process.WaitForExitAsync().WaitAsync(Limit);
        return new CepResult(program._process.ExitCode, output, program.Errors);
    }

    public static Task<CepResult> RunAsync(params string[] arguments) => RunWithInputAsync(null, arguments);

    public static CepProgram Start((string Name, string Value) variable, params string[] arguments) =>
        new(arguments, null, variable);

    public static CepProgram Start(params string[] arguments) => new(arguments, null, null);

    /// <summary>Starts another program, which starts it.</summary>
    public static CepProgram StartProgram(string program, params string[] arguments) =>
        new(arguments, null, null, program);

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    /// <summary>Waits for a line of standard error that holds the text, and returns it.</summary>
    public Task<string> LineWith(string text)
    {
        lock (_lock)
        {
            var before = _errors.ToString().Split('\n').FirstOrDefault(l => l.Contains(text, StringComparison.Ordinal));
            if (before is not null)
                return Task.FromResult(before);
            var seen = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited.Add((text, seen));
            return seen.Task.WaitAsync(Limit);
        }
    }

    /// <summary>SIGKILL, whatever it is doing.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Sends SIGTERM and waits for the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(Limit);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
            return;
        lock (_lock)
        {
            _errors.Append(line).Append('\n');
            foreach (var (_, seen) in _awaited.Where(a => line.Contains(a.Text, StringComparison.Ordinal)))
                seen.TrySetResult(line);
        }
    }

    public static string Path([CallerFilePath] string here = "")
    {
        var configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal)
            ? "Release"
            : "Debug";
        var root = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(here)!, "../..");
        return System.IO.Path.GetFullPath(
            System.IO.Path.Combine(root, $"src/Cep.Cli/bin/{configuration}/net10.0/linux-x64/cep"));
    }
}

/// <summary>What a run of <c>cep</c> left.</summary>
internal sealed record CepResult(int ExitCode, string Output, string Errors)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
