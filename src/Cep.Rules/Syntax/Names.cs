using Cep.Rules.Diagnostics;

namespace Cep.Rules.Syntax;

/// <summary>What names may look like.</summary>
internal static class Names
{
    /// <summary>Reports a name that is not made of a-z, 0-9 and _; or, for ids of rules, of a-z, 0-9 and -.</summary>
    public static bool Check(YamlScalar name, bool dashes, DiagnosticBag diagnostics)
    {
        var text = name.Value;
        var fits = text.Length > 0 && (dashes || !char.IsAsciiDigit(text[0]));
        foreach (var c in text)
            fits &= char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == (dashes ? '-' : '_');
        if (fits)
            return true;
        var allowed = dashes ? "a-z, 0-9 and -" : "a-z, 0-9 and _, and begins with no digit";
        diagnostics.Error(DiagnosticIds.InvalidName, name, $"'{text}' is no name: one is made of {allowed}.");
        return false;
    }

    /// <summary>Reports a name that an expression could not use.</summary>
    public static bool CheckIdentifier(YamlScalar name, DiagnosticBag diagnostics)
    {
        var text = name.Value;
        var fits = text.Length > 0 && !char.IsAsciiDigit(text[0]) && !ExpressionParser.IsReserved(text);
        foreach (var c in text)
            fits &= char.IsAsciiLetterOrDigit(c) || c == '_';
        if (!fits)
            diagnostics.Error(DiagnosticIds.InvalidName, name,
                $"'{text}' is no name: one is made of letters, digits and _, begins with no digit "
                + "and is no word of the language.");
        return fits;
    }
}
