using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Connectors.Webhooks;
using Cep.Plans;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Cep.Connectors.Mail;

/// <summary>
/// Mails alerts, each by itself: the message as subject, the fields as text. What the server refuses for now (4xx) or
/// can't be asked is tried again with growing pauses; what it refuses for good (5xx) is not.
/// </summary>
public sealed class SmtpSink : ISink, ITriesAgain
{
    private const int MaxSubject = 200;
    private static readonly ResiliencePropertyKey<long> Since = new("since");
    private readonly SmtpOptions _options;
    private readonly TimeProvider _clock;
    private readonly Pace? _pace;
    private readonly ResiliencePipeline _delivery;
    private long _retries;

    public SmtpSink(string name, SmtpOptions options, TimeProvider clock)
    {
        Name = name;
        _options = options;
        _clock = clock;
        _pace = options.Delivery.Rate is { } rate ? new Pace(rate, clock) : null;
        _delivery = new ResiliencePipelineBuilder { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.Delivery.FirstPause,
                MaxDelay = options.Delivery.LongestPause,
                ShouldHandle = retry => new ValueTask<bool>(
                    IsTransient(retry.Outcome.Exception)
                    && clock.GetElapsedTime(retry.Context.Properties.GetValue(Since, 0)) < options.Delivery.RetryFor),
                OnRetry = _ =>
                {
                    Interlocked.Increment(ref _retries);
                    return default;
                },
            })
            .AddTimeout(options.Delivery.AttemptLimit)
            .Build();
    }

    public string Name { get; }

    long ITriesAgain.Retries => Interlocked.Read(ref _retries);

    public async Task SendAsync(Alert alert, CancellationToken stop)
    {
        var context = ResilienceContextPool.Shared.Get(stop);
        context.Properties.Set(Since, _clock.GetTimestamp());
        try
        {
            await _delivery.ExecuteAsync(
                async (attempt, what) => await MailAsync(what, attempt.CancellationToken), context, alert);
        }
        catch (SmtpException e)
        {
            throw new DeliveryException(
                string.Create(CultureInfo.InvariantCulture, $"the mail server refused ({StatusOf(e)})"));
        }
        catch (Exception e) when (IsConnection(e))
        {
            throw new DeliveryException("the mail server can't be reached, or is not to be trusted");
        }
        catch (TimeoutRejectedException)
        {
            throw new DeliveryException("the mail server took too long");
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async Task MailAsync(Alert alert, CancellationToken stop)
    {
        if (_pace is not null)
            await _pace.WaitAsync(stop);
        using var client = new SmtpClient(_options.Host, _options.Port)
        {
            EnableSsl = _options.Tls,
            Credentials = _options.Username is { } user ? new NetworkCredential(user, _options.Password) : null,
        };
        using var mail = new MailMessage
        {
            From = new MailAddress(_options.From),
            Subject = Subject(alert),
            SubjectEncoding = Encoding.UTF8,
            Body = Body(alert),
            BodyEncoding = Encoding.UTF8,
        };
        foreach (var to in _options.To)
            mail.To.Add(new MailAddress(to));

        // the same at every attempt: a mailbox can tell a repeat
        mail.Headers.Add("Message-ID", $"<{alert.Id}@cep>");
        await client.SendMailAsync(mail, stop);
    }

    private static string Subject(Alert alert)
    {
        var status = alert.Status == AlertStatus.Firing ? alert.Severity.ToString().ToLowerInvariant() : "resolved";
        var text = string.Concat($"[{status}] {alert.Message}".Select(c => char.IsControl(c) ? ' ' : c));
        return text.Length <= MaxSubject ? text : text[..MaxSubject] + "…";
    }

    private static string Body(Alert alert)
    {
        var json = new Utf8Buffer();
        AlertJson.Write(json, alert);
        var at = DateTimeOffset.FromUnixTimeMilliseconds(alert.AtMs).ToString("u", CultureInfo.InvariantCulture);
        return $"{alert.Message}\r\n\r\nrule  {alert.Rule}\r\nat    {at}\r\n\r\n"
            + $"{Encoding.UTF8.GetString(json.Written)}\r\n";
    }

    // no status: the server was not reached, or went away
    private static bool IsTransient(Exception? e) =>
        e is TimeoutRejectedException || IsConnection(e)
        || (e is SmtpException mail && StatusOf(mail) is < 0 or (>= 400 and < 500));

    private static bool IsConnection(Exception? e) => e is IOException or SocketException or AuthenticationException;

    // where several receivers were refused, the worst of it
    private static int StatusOf(SmtpException e) => e is SmtpFailedRecipientsException several
        ? several.InnerExceptions.Max(r => (int)r.StatusCode)
        : (int)e.StatusCode;
}
