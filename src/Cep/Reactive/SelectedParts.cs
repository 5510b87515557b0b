using System.Linq.Expressions;
using Cep.Expressions;
using Cep.Plans;

namespace Cep.Reactive;

/// <summary>What a window selects: the object that C# makes of it, and each of its values as an expression.</summary>
internal sealed class SelectedParts
{
    public SelectedParts(EventShape shape, LambdaExpression select)
    {
        Object = ObjectParts.Of(select.Body);
        var translator = new ExpressionTranslator(new SelectScope(shape, select.Parameters[0]));
        Selected = [.. Object.Parts.Select(p => new NamedExpr(
            p.Name is null ? "value" : ColumnTypes.Name(p.Name), translator.Translate(Unconverted(p.Value))))];
    }

    public ObjectParts Object { get; }

    public ValueList<NamedExpr> Selected { get; }

    /// <summary>A condition over what is selected.</summary>
    public Expr Condition(LambdaExpression when) =>
        ExpressionTranslator.Translate(when, new ResultScope(Object, Selected, when.Parameters[0]));

    /// <summary>Values are read as the type that is asked for, without a conversion in the engine.</summary>
    private static Expression Unconverted(Expression e) =>
        e is UnaryExpression { NodeType: ExpressionType.Convert or ExpressionType.ConvertChecked } converted
        && ColumnTypes.Of(e.Type) is not null && ColumnTypes.Of(converted.Operand.Type) is not null
        && !(Nullable.GetUnderlyingType(converted.Operand.Type) ?? converted.Operand.Type).IsEnum
            ? Unconverted(converted.Operand)
            : e;
}
