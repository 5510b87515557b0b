using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Cep.Alerts;
using Cep.Connectors.Formats;
using Cep.Plans;
using HandlebarsDotNet;

namespace Cep.Connectors.Webhooks;

/// <summary>
/// A Handlebars template that makes a text of an alert: its members have the names they have in the alert's JSON, and
/// <c>firing</c> and <c>resolved</c> tell the status. In a <c>.json</c> template what is inserted is escaped for a JSON
/// string, and <c>{{json value}}</c> inserts a whole value. Any thread.
/// </summary>
public sealed partial class AlertTemplate
{
    private static readonly JsonSerializerOptions AsItIs = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly HandlebarsTemplate<object, object> _template;

    private AlertTemplate(HandlebarsTemplate<object, object> template, string mediaType)
    {
        _template = template;
        MediaType = mediaType;
    }

    public string MediaType { get; }

    /// <summary>Compiles a template and tries it.</summary>
    /// <param name="name">The name of its file, whose ending says whether it makes JSON.</param>
    /// <param name="text">The template.</param>
    /// <exception cref="FormatException">
    /// It is none, or makes no JSON where it should; the message begins with the place (name:line:column).
    /// </exception>
    public static AlertTemplate Compile(string name, string text)
    {
        var isJson = Path.GetExtension(name).Equals(".json", StringComparison.OrdinalIgnoreCase);
        var handlebars = Handlebars.Create(new HandlebarsConfiguration
        {
            TextEncoder = new JsonTextEncoder(),
            FormatProvider = CultureInfo.InvariantCulture,
            NoEscape = !isJson,
        });
        handlebars.RegisterHelper(
            "json",
            (output, _, arguments) => output.WriteSafeString(Json(arguments.Length > 0 ? arguments[0] : null)));
        try
        {
            var template = new AlertTemplate(handlebars.Compile(text), isJson ? "application/json" : "text/plain");
            var sample = Encoding.UTF8.GetString(template.Rendered(SampleAlert()));
            if (isJson)
                JsonDocument.Parse(sample).Dispose();
            return template;
        }
        catch (HandlebarsException e)
        {
            var place = Place().Match(e.Message);
            throw new FormatException(
                place.Success
                    ? $"{name}:{place.Groups[1].Value}:{place.Groups[2].Value}: {e.Message[..place.Index].Trim()}"
                    : $"{name}: {e.Message}",
                e);
        }
        catch (JsonException e)
        {
            throw new FormatException(
                $"{name}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}: what it makes of an alert is no JSON", e);
        }
    }

    /// <summary>The text for an alert, in UTF-8.</summary>
    /// <exception cref="DeliveryException">The template can do nothing with it.</exception>
    public byte[] Render(Alert alert)
    {
        try
        {
            return Rendered(alert);
        }
        catch (HandlebarsRuntimeException e)
        {
            throw new DeliveryException($"the template failed: {e.Message}");
        }
    }

    private byte[] Rendered(Alert alert)
    {
        var json = new Utf8Buffer();
        AlertJson.Write(json, alert);
        using var document = JsonDocument.Parse(json.Memory);
        var members = (Dictionary<string, object?>)Value(document.RootElement)!;
        members["firing"] = alert.Status == AlertStatus.Firing;
        members["resolved"] = alert.Status == AlertStatus.Resolved;
        return Encoding.UTF8.GetBytes(_template(members));
    }

    private static object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(m => m.Name, m => Value(m.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Null => null,
        _ => json.TryGetInt64(out var integer) ? integer : json.GetDouble(),
    };

    private static string Json(object? value) =>
        JsonSerializer.Serialize(value is UndefinedBindingResult ? null : value, AsItIs);

    private static Alert SampleAlert() => new()
    {
        Id = "sample",
        Rule = "sample",
        AtMs = 0,
        Status = AlertStatus.Firing,
        Severity = Severity.High,
        Key = [new("key", "\"sample\"\n")],
        Message = "a \"sample\"\n",
        Labels = [],
        Fields = [],
        Evidence = [],
    };

    // "Occured at: 3:14", as the library spells it
    [GeneratedRegex(@"\s*Occur\w*\s+at:?\s*(\d+):(\d+)\.?\s*$")]
    private static partial Regex Place();
}
