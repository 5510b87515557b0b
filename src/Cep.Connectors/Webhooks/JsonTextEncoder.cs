using System.Text;
using System.Text.Encodings.Web;
using HandlebarsDotNet;

namespace Cep.Connectors.Webhooks;

/// <summary>Escapes what a template inserts so that it can stand in a JSON string.</summary>
internal sealed class JsonTextEncoder : ITextEncoder
{
    public void Encode(StringBuilder? text, TextWriter target) => Encode(text?.ToString(), target);

    public void Encode(string? text, TextWriter target) =>
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(target, text ?? "");

    public void Encode<T>(T? text, TextWriter target)
        where T : IEnumerator<char>
    {
        var all = new StringBuilder();
        while (text?.MoveNext() == true)
            all.Append(text.Current);
        Encode(all.ToString(), target);
    }
}
