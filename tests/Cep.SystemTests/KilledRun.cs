using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Cep.SystemTests;

/// <summary>One life of a <c>cep run</c> that writes its alerts to standard output, until it is killed.</summary>
internal sealed class KilledRun : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _errors;

    public KilledRun(string deployment)
    {
        _process = Process.Start(new ProcessStartInfo(CepProgram.Path(), ["run", deployment])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public Task<string> Errors => _errors.WaitAsync(CepProgram.Limit);

    /// <summary>Alerts by id, as they came. A line that the end cut short never came.</summary>
    public List<(string Id, string Line)> Alerts { get; } = [];

    /// <summary>Waits until so many alerts have come, or for ever: until <paramref name="isLast"/> says so.</summary>
    public async Task ReadAsync(int alerts, Func<string, bool> isLast)
    {
        while (Alerts.Count < alerts)
        {
            var line = await _process.StandardOutput.ReadLineAsync().WaitAsync(CepProgram.Limit);
            if (line is null)
                return;
            Add(line);
            if (isLast(line))
                return;
        }
    }

    /// <summary>SIGKILL, whatever it is doing.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await EndAsync();
    }

    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await EndAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task EndAsync()
    {
        await ReadAsync(int.MaxValue, _ => false);
        await _process.WaitForExitAsync().WaitAsync(CepProgram.Limit);
    }

    private void Add(string line)
    {
        if (!line.EndsWith('}'))
            return;
        try
        {
            using var json = JsonDocument.Parse(line);
            Alerts.Add((json.RootElement.GetProperty("id").GetString()!, line));
        }
        catch (JsonException)
        {
            // cut short
        }
    }
}
