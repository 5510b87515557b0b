namespace Cep.Tests.Laws;

/// <summary>A generated rule, or a chain of rules that feed each other, as YAML.</summary>
/// <param name="Id">The id of the first rule.</param>
/// <param name="Yaml">The items of the list of rules.</param>
/// <param name="Where">What its filter lets through, said once more in C#.</param>
/// <param name="Except">What its exceptions take out.</param>
/// <param name="TakesLate">It may take events below the watermark.</param>
internal sealed record LawRule(
    string Id, string Yaml, Func<LawInput, bool> Where, Func<LawInput, bool> Except, bool TakesLate);
