using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Cep.Connectors;
using Cep.Connectors.Formats;
using Cep.Connectors.Mqtt;
using Cep.Events;
using Cep.Mqtt;
using Cep.Mqtt.Listening;

namespace Cep.Benchmarks.Mqtt;

/// <summary>Messages a second from a sender of its own process into columns, through mosquitto and without.</summary>
internal sealed class MqttComparison(Options options, Report report)
{
    private const int ReceiveMaximum = 4096;
    private const int Runs = 3;
    private const string Broker = "/usr/sbin/mosquitto";

    private static readonly StreamSchema Schema = new(
        "payments",
        [
            new("ts", DataType.Timestamp), new("id", DataType.String), new("card", DataType.String),
            new("amount", DataType.Number), new("country", DataType.String), new("merchant", DataType.String),
            new("channel", DataType.String),
        ],
        "ts");

    public void Run()
    {
        report.Heading("MQTT: JSON payloads of 180 bytes into columns; sender, broker and source share the machine");
        report.Head("way", "QoS", "messages/s", "must");
        if (File.Exists(Broker))
        {
            Measure("mosquitto → source", 0, "60,000", () => ThroughMosquitto(0, options.Events));
            Measure("mosquitto → source", 1, "22,000", () => ThroughMosquitto(1, options.Events / 4));
        }
        else
        {
            report.Row("mosquitto is not installed", "", "", "");
        }

        Measure("straight to the listener", 0, "", () => Straight(0, options.Events * 2));
        Measure("straight to the listener", 1, "80,000", () => Straight(1, options.Events * 2));
    }

    private void Measure(string way, int qos, string must, Func<double> run)
    {
        var best = Enumerable.Range(0, options.Quick ? 1 : Runs).Max(_ => run());
        report.Row(way, $"{qos}", best.ToString("N0", CultureInfo.InvariantCulture), must);
    }

    private static double ThroughMosquitto(int qos, long count)
    {
        var port = FreePort();
        var settings = Path.GetTempFileName();
        File.WriteAllText(
            settings,
            $"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 0\n"
            + "log_type error\n");
        using var broker = Process.Start(new ProcessStartInfo(Broker, ["-c", settings]))!;
        try
        {
            WaitFor(port);
            var source = MqttSource.Connect(
                new MqttConnectionOptions("127.0.0.1", port)
                {
                    ClientId = "engine",
                    ReceiveMaximum = ReceiveMaximum,
                    CleanStart = false,
                    SessionExpiry = TimeSpan.FromHours(1),
                    Subscriptions = [new MqttSubscription("pay/+/tx", (MqttQos)qos)],
                },
                Schema, new DecoderOptions(Capacity: 4096), new MqttSourceOptions(), TimeProvider.System);
            return Drain(source, port, qos, count, settle: true);
        }
        finally
        {
            broker.Kill();
            File.Delete(settings);
        }
    }

    private static double Straight(int qos, long count)
    {
        var listening = new MqttListenerOptions(new IPEndPoint(IPAddress.Loopback, 0))
        {
            ReceiveMaximum = ReceiveMaximum,
        };
        var source = MqttSource.Listen(
            listening, Schema, new DecoderOptions(Capacity: 4096), new MqttSourceOptions(), TimeProvider.System);
        return Drain(source, source.Port, qos, count, settle: false);
    }

    /// <summary>Sends and counts; from the first message's arrival to the last one's.</summary>
    private static double Drain(MqttSource source, int port, int qos, long count, bool settle)
    {
        using var stop = new CancellationTokenSource();
        using var done = new ManualResetEventSlim();
        var watch = new Stopwatch();
        long seen = 0;
        ValueTask Accept(Arrival arrival, CancellationToken token)
        {
            if (!watch.IsRunning)
                watch.Start();
            arrival.Kept?.Invoke();
            seen += arrival.Events.Count;
            if (arrival.Events.Rejected.Count > 0)
                throw new InvalidDataException(arrival.Events.Rejected[0].Reason);
            if (seen >= count)
                done.Set();
            return ValueTask.CompletedTask;
        }

        var running = source.RunAsync(new Intake(Accept, _ => null), stop.Token);
        if (settle)
            Thread.Sleep(500);
        using var sender = Process.Start(
            Environment.ProcessPath!, ["mqtt-send", $"{port}", $"{qos}", $"{ReceiveMaximum}", $"{count}"]);
        while (!done.Wait(100) && !running.IsFaulted)
        {
        }

        var rate = seen / watch.Elapsed.TotalSeconds;
        stop.Cancel();
        sender.WaitForExit();
        source.Dispose();
        return rate;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static void WaitFor(int port)
    {
        while (true)
        {
            try
            {
                using var probe = new TcpClient("127.0.0.1", port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(20);
            }
        }
    }
}
