using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Cep.Host.Deployments;
using Cep.Host.Rules;
using Cep.Host.Web;
using Cep.Rules;

namespace Cep.Cli;

/// <summary>Asks a running deployment, at the web listener that its file names, with the token of the file.</summary>
internal sealed class DeploymentApi : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http;

    private DeploymentApi(WebSettings web)
    {
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
        {
            BaseAddress = new Uri($"http://{new IPEndPoint(Reached(web.Address.Address), web.Address.Port)}"),
            Timeout = s_limit,
        };
        if (!string.IsNullOrEmpty(web.Token))
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", web.Token);
    }

    /// <summary>The deployment of a file; null where it has no web listener.</summary>
    public static DeploymentApi? Of(string path)
    {
        if (RuleFiles.Load(path) is not { } text)
            throw new CommandFailure($"{path}: the deployment file can't be read");

        // other parts of the file may need an environment that is not here
        var read = DeploymentFile.Read(
            new SourceText(path, text), name => Environment.GetEnvironmentVariable(name) ?? "");
        return read.Web is { } web ? new DeploymentApi(web) : null;
    }

    /// <summary>The answer; null where nothing listens.</summary>
    /// <exception cref="CommandFailure">It was refused, or did not come in time.</exception>
    public JsonElement? Ask(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var response = _http.Send(request);
            using var content = response.Content.ReadAsStream();
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                throw new CommandFailure(
                    "the deployment asks for its token (is the variable of 'web: token' set here?)");
            var answer = JsonDocument.Parse(content).RootElement;
            if (response.IsSuccessStatusCode)
                return answer;
            throw new CommandFailure(
                answer.TryGetProperty("error", out var error) ? error.GetString()! : $"{response.StatusCode}",
                ExitCode.FoundWrong);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (JsonException)
        {
            throw new CommandFailure(
                $"what listens at {_http.BaseAddress!.Authority} is no deployment of this version");
        }
        catch (TaskCanceledException)
        {
            throw new CommandFailure("the deployment did not answer in time");
        }
    }

    /// <summary>As <see cref="Ask"/>, of what only one that runs can do.</summary>
    public static JsonElement Tell(string file, HttpMethod method, string path, string? body = null)
    {
        using var api = Of(file)
            ?? throw new CommandFailure($"{file}: the deployment has no web listener (web: {{listen: …}})");
        return api.Ask(method, path, body) ?? throw new CommandFailure("the deployment does not run");
    }

    public void Dispose() => _http.Dispose();

    private static IPAddress Reached(IPAddress address) =>
        address.Equals(IPAddress.Any) ? IPAddress.Loopback
        : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
        : address;
}
