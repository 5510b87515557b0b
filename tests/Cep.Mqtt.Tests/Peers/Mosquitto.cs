using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Cep.Mqtt.Tests.Peers;

/// <summary>A mosquitto of the test's own, with a folder for what it keeps.</summary>
internal sealed class Mosquitto : IDisposable
{
    private const string Program = "/usr/sbin/mosquitto";
    private readonly string _folder = Directory.CreateTempSubdirectory("cep-mosquitto-").FullName;
    private Process? _process;

    private Mosquitto(string settings)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var text = $"""
            user root
            persistence true
            persistence_location {_folder}/
            max_queued_messages 0
            listener {Port} 127.0.0.1
            {settings}
            """;
        File.WriteAllText(PathOf("mosquitto.conf"), text);
    }

    public int Port { get; }

    /// <summary>Starts one, or skips the test where it is not installed.</summary>
    public static async Task<Mosquitto> StartAsync(string settings = "allow_anonymous true")
    {
        SkipWithout();
        var broker = new Mosquitto(settings);
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>The file of a user's password.</summary>
    public static string PasswordFile(string user, string password)
    {
        SkipWithout();
        var path = Path.GetTempFileName();
        using var process = Process.Start("mosquitto_passwd", ["-b", path, user, password]);
        process.WaitForExit();
        return path;
    }

    public async Task StartAgainAsync()
    {
        _process = Process.Start(new ProcessStartInfo(Program, ["-c", PathOf("mosquitto.conf")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        for (var left = 3000; ; left--)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port);
                return;
            }
            catch (SocketException) when (left > 0 && !_process.HasExited)
            {
                await Task.Delay(10);
            }
        }
    }

    /// <summary>Ends it as an operator would; it saves its sessions.</summary>
    public async Task StopAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(Collector.Limit);
    }

    public MqttConnectionOptions To(MqttVersion version, string clientId = "cep") =>
        new("127.0.0.1", Port) { Version = version, ClientId = clientId };

    /// <summary>Runs mosquitto_pub or mosquitto_sub and gives what it wrote.</summary>
    public static async Task<string> RunAsync(string program, int port, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"{program} is not installed (mosquitto-clients)");
        using var process = Start(program, port, arguments);
        var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Collector.Limit);
        await process.WaitForExitAsync().WaitAsync(Collector.Limit);
        Assert.True(process.ExitCode == 0, await process.StandardError.ReadToEndAsync());
        return output;
    }

    public static Process Start(string program, int port, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(
            program, ["-h", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    public void Dispose()
    {
        if (_process is { HasExited: false })
            _process.Kill();
        _process?.Dispose();
        Directory.Delete(_folder, true);
    }

    private static void SkipWithout() =>
        Assert.SkipUnless(File.Exists(Program), "mosquitto is not installed (apt-get install mosquitto)");

    private string PathOf(string name) => Path.Combine(_folder, name);
}
