using System.Globalization;
using System.Text;

namespace Cep.Host.Rules;

/// <summary>Lines with a label each.</summary>
internal sealed class LabelledLines
{
    private readonly StringBuilder _text = new();

    public void Add(string label, string value) =>
        _text.Append(CultureInfo.InvariantCulture, $"{label,-10}{value}\n");

    public override string ToString() => _text.ToString();
}
