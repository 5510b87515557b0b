using Cep.Expressions;

namespace Cep.Rules.Binding;

/// <summary>A part of a rule's key: its name and its value over an event.</summary>
internal sealed record KeyPart(string Name, Expr Value)
{
    /// <summary>The part as a value of the key, by its place in the key.</summary>
    public static Resolved? Find(IReadOnlyList<KeyPart> key, string name)
    {
        for (var i = 0; i < key.Count; i++)
            if (key[i].Name == name || key[i].Value is FieldExpr field && field.Name == name)
                return new Resolved(new KeyPartExpr(i, key[i].Value.Type));
        return null;
    }
}
