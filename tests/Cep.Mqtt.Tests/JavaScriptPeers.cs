using System.Diagnostics;
using Cep.Mqtt.Tests.Peers;

namespace Cep.Mqtt.Tests;

/// <summary>MQTT.js and aedes, installed by npm into a folder of their own.</summary>
public sealed class JavaScriptPeers
{
    private const string Versions = "mqtt@5.16.0 aedes@1.2.0";
    private static readonly string s_folder = Path.Combine(Path.GetTempPath(), "cep-mqtt-js-5.16.0-1.2.0");
    private readonly string? _missing = Install();

    /// <summary>Runs a script to the end of the test, or skips the test where it can't.</summary>
    public Process Start(string script, params string[] arguments)
    {
        Assert.SkipUnless(_missing is null, _missing ?? "");
        return Process.Start(new ProcessStartInfo("node", ["-e", script, .. arguments])
        {
            WorkingDirectory = s_folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    private static string? Install()
    {
        try
        {
            if (Directory.Exists(Path.Combine(s_folder, "node_modules", "aedes")))
                return null;
            var folder = Directory.CreateDirectory($"{s_folder}.{Environment.ProcessId}");
            var start = new ProcessStartInfo(
                "npm", $"install --no-audit --no-fund --fetch-retries=0 --fetch-timeout=20000 {Versions}")
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var npm = Process.Start(start)!;
            var output = npm.StandardOutput.ReadToEndAsync();
            var errors = npm.StandardError.ReadToEndAsync();
            if (!npm.WaitForExit(Collector.Limit))
                npm.Kill(entireProcessTree: true);
            npm.WaitForExit();
            if (npm.ExitCode != 0)
                return $"npm install {Versions} failed: {errors.Result} {output.Result}";
            Directory.Move(folder.FullName, s_folder);
            return null;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return $"npm is not installed: {e.Message}";
        }
    }
}
