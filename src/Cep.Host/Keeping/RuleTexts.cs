using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Cep.Plans;
using Cep.Rules;
using Cep.State;

namespace Cep.Host.Keeping;

/// <summary>
/// Rules with the texts they were compiled from, under a name that follows from what they mean: another comment or
/// another order of keys is the same set.
/// </summary>
/// <param name="Plan">The rules, compiled.</param>
/// <param name="Texts">Their files.</param>
public sealed record RuleTexts(EnginePlan Plan, IReadOnlyList<SourceText> Texts)
{
    private const string Section = "rule-texts";
    private string? _name;

    /// <summary>The same for sets of rules that mean the same, in this order; state of one fits the other.</summary>
    public string Name => _name ??= NameOf(Plan);

    /// <summary>A hash of what each rule means, by its id: what has changed between two sets.</summary>
    public IReadOnlyDictionary<string, string> Fingerprints =>
        Plan.Rules.ToDictionary(r => r.Id, r => HashOf(Meaning(r)), StringComparer.Ordinal);

    /// <summary>What changed since another set, for people; "" where nothing did.</summary>
    public string ChangesSince(RuleTexts before)
    {
        ArgumentNullException.ThrowIfNull(before);
        var (was, now) = (before.Fingerprints, Fingerprints);
        string[] parts =
        [
            .. now.Keys.Where(id => !was.ContainsKey(id)).Select(id => $"{id} is new"),
            .. now.Where(r => was.TryGetValue(r.Key, out var old) && old != r.Value)
                .Select(r => $"{r.Key} has changed"),
            .. was.Keys.Where(id => !now.ContainsKey(id)).Select(id => $"{id} is gone"),
        ];
        return parts.Length > 0 ? string.Join(", ", parts) : Name == before.Name ? "" : "streams or order have changed";
    }

    internal byte[] Encode()
    {
        var bytes = new ArrayBufferWriter<byte>();
        var to = new StateWriter(bytes);
        to.Section(Section, 1);
        to.Int(Texts.Count);
        foreach (var text in Texts)
        {
            to.Text(text.Path);
            to.Text(text.Text);
        }

        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>Compiles texts that were kept; null where they are no rules to this program.</summary>
    internal static RuleTexts? Decode(byte[] bytes)
    {
        var from = new StateReader(bytes);
        from.Section(Section, 1);
        var texts = new SourceText[from.Count()];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = new SourceText(from.Text()!, from.Text()!);
        var result = RuleCompiler.Compile(texts);
        return result.HasErrors ? null : new RuleTexts(result.Plan, texts);
    }

    private static string NameOf(EnginePlan plan) =>
        HashOf(string.Join('\n', plan.Streams.Select(Meaning).Concat(plan.Rules.Select(Meaning))));

    private static string HashOf(string meaning) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(meaning)).AsSpan(0, 16));

    private static string Meaning(object plan)
    {
        var text = new StringBuilder();
        Append(text, plan);
        return text.ToString();
    }

    // plans are records of records: what they say is what their properties say
    private static void Append(StringBuilder to, object? value)
    {
        switch (value)
        {
            case null:
                to.Append('-');
                break;
            case string text:
                to.Append(CultureInfo.InvariantCulture, $"{text.Length}:{text}");
                break;
            case double number:
                to.Append('d').Append(BitConverter.DoubleToInt64Bits(number));
                break;
            case Enum or bool or IFormattable:
                to.Append(string.Create(CultureInfo.InvariantCulture, $"{value}"));
                break;
            case IDictionary members:
                foreach (var key in members.Keys.Cast<string>().Order(StringComparer.Ordinal))
                    AppendAll(to, [key, members[key]]);
                break;
            case IEnumerable items:
                AppendAll(to, items.Cast<object?>());
                break;
            case ITuple tuple:
                AppendAll(to, Enumerable.Range(0, tuple.Length).Select(i => tuple[i]));
                break;
            default:
                var properties = value.GetType().GetProperties().Where(p => p.GetIndexParameters().Length == 0)
                    .OrderBy(p => p.Name, StringComparer.Ordinal);
                to.Append(value.GetType().Name);
                AppendAll(to, properties.SelectMany(p => new[] { p.Name, p.GetValue(value) }));
                break;
        }
    }

    private static void AppendAll(StringBuilder to, IEnumerable<object?> items)
    {
        to.Append('(');
        foreach (var item in items)
        {
            Append(to, item);
            to.Append(',');
        }

        to.Append(')');
    }
}
