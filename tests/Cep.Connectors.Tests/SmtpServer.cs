using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Cep.Connectors.Tests;

/// <summary>A mail server that takes what it is sent, but refuses as many recipients first as it is told to.</summary>
internal sealed class SmtpServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _refusals;
    private readonly X509Certificate2? _certificate;

    public SmtpServer(X509Certificate2? certificate = null, params string[] refusals)
    {
        _certificate = certificate;
        _refusals = new ConcurrentQueue<string>(refusals);
        _listener.Start();
        _ = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<string> Mails { get; } = new();

    public ConcurrentQueue<string> Commands { get; } = new();

    public void Dispose() => _listener.Stop();

    private async Task ServeAsync()
    {
        try
        {
            while (true)
                _ = TalkAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task TalkAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                if (await SessionAsync(client.GetStream(), greets: true))
                {
                    await using var encrypted = new SslStream(client.GetStream());
                    await encrypted.AuthenticateAsServerAsync(_certificate!);
                    await SessionAsync(encrypted, greets: false);
                }
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // the sink is gone
            }
        }
    }

    private async Task<bool> SessionAsync(Stream stream, bool greets)
    {
        var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true)
        {
            NewLine = "\r\n",
            AutoFlush = true,
        };
        if (greets)
            await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync() is { } line)
        {
            Commands.Enqueue(line);
            var verb = line.Split(' ', ':')[0].ToUpperInvariant();
            if (verb == "STARTTLS")
            {
                await writer.WriteLineAsync("220 go on");
                return true;
            }

            if (verb == "DATA")
                await TakeAsync(reader, writer);
            else
                await writer.WriteLineAsync(AnswerTo(verb, greets));
        }

        return false;
    }

    private string AnswerTo(string verb, bool isPlain) => verb switch
    {
        "EHLO" => _certificate is null ? "250 test"
            : isPlain ? "250-test\r\n250 STARTTLS" : "250-test\r\n250 AUTH LOGIN",
        "AUTH" => "334 UGFzc3dvcmQ6",
        "RCPT" when _refusals.TryDequeue(out var refusal) => refusal,
        "HELO" or "MAIL" or "RCPT" => "250 fine",
        "QUIT" => "221 bye",
        _ => "235 fine",
    };

    private async Task TakeAsync(StreamReader reader, StreamWriter writer)
    {
        await writer.WriteLineAsync("354 go on");
        var mail = new StringBuilder();
        while (await reader.ReadLineAsync() is { } line && line != ".")
            mail.AppendLine(line);
        Mails.Enqueue(mail.ToString());
        await writer.WriteLineAsync("250 taken");
    }
}
