using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Cep.Connectors.Formats;
using Cep.Host.Deployments;
using Cep.Host.Notifying;
using Cep.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Cep.Host.Operating;

/// <summary>What programs ask of a deployment, and tell it, while it runs.</summary>
internal sealed class OperationApi(Operation operation)
{
    private const int MaxText = 4096;
    private const int MaxBody = 64 << 10;
    private const int DefaultAlerts = 100;
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(3660);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/status", (RequestDelegate)(c => AnswerAsync(c.Response, StatusReport.Of(operation))));
        routes.MapGet("/api/v1/silences", (RequestDelegate)(c => AnswerAsync(c.Response, new()
        {
            ["silences"] = StatusReport.Silences(operation.Notifier, operation.Clock.GetUtcNow()),
        })));
        routes.MapPost("/api/v1/silences", (RequestDelegate)SilenceAsync);
        routes.MapDelete("/api/v1/silences/{id}", (RequestDelegate)EndSilenceAsync);
        routes.MapGet("/api/v1/alerts", (RequestDelegate)AlertsAsync);
        routes.MapPost("/api/v1/alerts/{id}/acknowledge", (RequestDelegate)AcknowledgeAsync);
    }

    private async Task SilenceAsync(HttpContext context)
    {
        var (decision, trouble) = await ReadAsync(context.Request);
        if (decision is null)
            await RefuseAsync(context.Response, StatusCodes.Status400BadRequest, trouble);
        else if (!operation.Notifier.HasRoomForSilence(operation.Clock.GetUtcNow()))
            await RefuseAsync(context.Response, StatusCodes.Status409Conflict, "there are too many silences");
        else
            await DecideAsync(context.Response, decision);
    }

    private Task EndSilenceAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return operation.Notifier.Silences.Any(s => s.Id == id)
            ? DecideAsync(context.Response, new Decision(DecisionKind.EndSilence, id))
            : RefuseAsync(
                context.Response, StatusCodes.Status404NotFound, "there is no silence of this id that was added");
    }

    private Task AcknowledgeAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return operation.Notifier.IsHeld(id)
            ? DecideAsync(context.Response, new Decision(DecisionKind.Acknowledge, id))
            : RefuseAsync(
                context.Response, StatusCodes.Status404NotFound,
                "no alert of this id fires that would be repeated or escalated");
    }

    private async Task AlertsAsync(HttpContext context)
    {
        var asked = context.Request.Query["limit"].ToString();
        var limit = int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : DefaultAlerts;
        var json = new Utf8Buffer();
        json.Raw("{\"alerts\":["u8);
        foreach (var (alert, i) in operation.Recent.Read(limit).Select((a, i) => (a, i)))
        {
            json.Raw(i == 0 ? ""u8 : ","u8);
            AlertJson.Write(json, alert);
        }

        json.Raw("]}\n"u8);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(json.Memory);
    }

    /// <summary>Keeps a decision; the answer comes when it outlives a crash.</summary>
    private async Task DecideAsync(HttpResponse response, Decision decision)
    {
        if (operation.Phase == RunPhase.Stopping)
        {
            await RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, "it is stopping");
            return;
        }

        try
        {
            await operation.Entrance.TellAsync(RecordKind.Decision, decision.Encode());
        }
        catch (Exception e) when (e is StoreException or System.Threading.Channels.ChannelClosedException)
        {
            await RefuseAsync(response, StatusCodes.Status503ServiceUnavailable, "it could not be kept");
            return;
        }

        await AnswerAsync(response, new() { ["id"] = decision.Id });
    }

    private async Task<(Decision? Decision, string Trouble)> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength is not (>= 0 and <= MaxBody))
            return (null, "the body is a JSON object, with its length told");
        try
        {
            using var json = await JsonDocument.ParseAsync(request.Body);
            var (match, why) = (Text(json, "match"), Text(json, "why"));
            if (match is null || why is null || match.Length > MaxText || why.Length > MaxText)
                return (null, "it takes texts 'match' and 'why'");
            AlertMatch.Compile(match);
            var now = operation.Clock.GetUtcNow();
            if (!DateTimeOffset.TryParse(
                    Text(json, "until"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var until)
                || until <= now || until > now + s_longest)
                return (null, "it takes a time to come, 'until', of the next ten years");
            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
            return (new Decision(DecisionKind.Silence, id)
            {
                Match = match,
                Why = why,
                UntilMs = until.ToUnixTimeMilliseconds(),
            }, "");
        }
        catch (JsonException)
        {
            return (null, "the body is no JSON");
        }
        catch (FormatException e)
        {
            return (null, e.Message);
        }
    }

    private static string? Text(JsonDocument json, string name) =>
        json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static Task RefuseAsync(HttpResponse response, int code, string reason)
    {
        response.StatusCode = code;
        return AnswerAsync(response, new() { ["error"] = reason });
    }

    private static async Task AnswerAsync(HttpResponse response, Dictionary<string, object?> answer)
    {
        var json = new Utf8Buffer();
        AlertJson.Value(json, answer);
        json.Raw((byte)'\n');
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        await response.Body.WriteAsync(json.Memory);
    }
}
