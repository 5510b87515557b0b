using System.Globalization;
using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Cep.Connectors.Webhooks;

/// <summary>
/// Posts to one receiver until it has taken the request: what fails is tried again with growing, jittered pauses, or
/// when the receiver asks for it (<c>Retry-After</c>), but not what it refuses for good (4xx but 408, 425, 429, and
/// redirections). A receiver that only fails is left alone for a while. Any thread.
/// </summary>
internal sealed class HttpDelivery : IDisposable
{
    private static readonly ResiliencePropertyKey<long> Since = new("since");
    private readonly DeliveryOptions _options;
    private readonly TimeProvider _clock;
    private readonly Pace? _pace;
    private readonly ResiliencePipeline<HttpResponseMessage> _delivery;
    private readonly ResiliencePipeline<HttpResponseMessage> _attempt;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private long _retries;

    public HttpDelivery(DeliveryOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _pace = options.Rate is { } rate ? new Pace(rate, clock) : null;
        _delivery = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(Retry())
            .AddCircuitBreaker(Breaker())
            .Build();
        _attempt = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddTimeout(options.AttemptLimit)
            .Build();
    }

    /// <summary>How often something was tried again.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>Posts until the receiver says yes (2xx).</summary>
    /// <param name="request">Makes the request anew for each attempt.</param>
    /// <param name="stop">Gives up at once.</param>
    /// <exception cref="DeliveryException">It is refused, or it was tried for long enough.</exception>
    public async Task PostAsync(Func<HttpRequestMessage> request, CancellationToken stop)
    {
        var context = ResilienceContextPool.Shared.Get(stop);
        context.Properties.Set(Since, _clock.GetTimestamp());
        try
        {
            using var response = await _delivery.ExecuteAsync(
                async (attempt, make) => await AttemptAsync(make, attempt.CancellationToken), context, request);
            if (!response.IsSuccessStatusCode)
                throw new DeliveryException(
                    string.Create(CultureInfo.InvariantCulture, $"the receiver answered {(int)response.StatusCode}"));
        }
        catch (HttpRequestException e)
        {
            throw new DeliveryException($"the receiver can't be reached ({e.HttpRequestError})");
        }
        catch (TimeoutRejectedException)
        {
            throw new DeliveryException($"the receiver did not answer within {_options.AttemptLimit.TotalSeconds:0} s");
        }
        catch (BrokenCircuitException)
        {
            throw new DeliveryException("the receiver failed again and again");
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> AttemptAsync(Func<HttpRequestMessage> make, CancellationToken stop)
    {
        if (_pace is not null)
            await _pace.WaitAsync(stop);
        return await _attempt.ExecuteAsync(
            async token =>
            {
                using var request = make();
                return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            },
            stop);
    }

    private RetryStrategyOptions<HttpResponseMessage> Retry() => new()
    {
        MaxRetryAttempts = int.MaxValue,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        Delay = _options.FirstPause,
        MaxDelay = _options.LongestPause,
        ShouldHandle = retry => new ValueTask<bool>(
            (IsTransient(retry.Outcome) || retry.Outcome.Exception is BrokenCircuitException)
            && _clock.GetElapsedTime(retry.Context.Properties.GetValue(Since, 0)) < _options.RetryFor),
        DelayGenerator = retry => new ValueTask<TimeSpan?>(AskedPause(retry.Outcome)),
        OnRetry = retry =>
        {
            Interlocked.Increment(ref _retries);
            retry.Outcome.Result?.Dispose();
            return default;
        },
    };

    private CircuitBreakerStrategyOptions<HttpResponseMessage> Breaker() => new()
    {
        FailureRatio = 1,
        MinimumThroughput = 5,
        SamplingDuration = TimeSpan.FromSeconds(30),
        BreakDuration = _options.BreakTime,

        // one that asks for a pause is there
        ShouldHandle = attempt => new ValueTask<bool>(
            IsTransient(attempt.Outcome) && attempt.Outcome.Result?.StatusCode != HttpStatusCode.TooManyRequests),
    };

    /// <summary>The pause that is asked for; null: the usual one.</summary>
    private TimeSpan? AskedPause(Outcome<HttpResponseMessage> outcome)
    {
        if (outcome.Exception is BrokenCircuitException broken)
            return broken.RetryAfter;
        var asked = outcome.Result?.Headers.RetryAfter is { } after
            ? after.Delta ?? (after.Date - _clock.GetUtcNow())
            : null;
        return asked is not { } pause || pause <= TimeSpan.Zero ? null
            : pause < _options.LongestAskedPause ? pause : _options.LongestAskedPause;
    }

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException
        || outcome.Result is { StatusCode: var status } && (int)status is >= 500 or 408 or 425 or 429;
}
