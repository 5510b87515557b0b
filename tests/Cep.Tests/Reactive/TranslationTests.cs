using System.Linq.Expressions;
using System.Text.RegularExpressions;
using Cep.Events;
using Cep.Expressions;
using Cep.Reactive;
using Xunit;

namespace Cep.Tests.Reactive;

/// <summary>What of C# has a meaning in a rule, and what is refused, and how.</summary>
public sealed class TranslationTests
{
    private const string WayOut =
        " Or work it out before the rule, in a Select that gives the event one more property.";

    private sealed record Address(string City);

    private sealed record Event(
        int A, long B, double X, float F, decimal M, string? Text, Mood Mood, Mood? Maybe, DateTime When, TimeSpan Took,
        int? N, bool Flag, Address Home);

    private static readonly EventShape Shape = new(typeof(Event));

    [Fact]
    public void Shape_Members_AreTheFieldsInTheirOrderWithoutWhatIsNoColumn() => Assert.Equal(
        "a:Integer b:Integer x:Number f:Number m:Number text:String mood:String maybe:String when:Timestamp "
        + "took:Duration n:Integer flag:Bool $event:Any",
        string.Join(' ', Shape.Schema.Fields.Select(f => $"{f.Name}:{f.Type}")));

    [Theory]
    [InlineData("CardNumber", "card_number")]
    [InlineData("IPAddress", "ip_address")]
    [InlineData("Temp2", "temp2")]
    public void Name_OfCSharp_IsWrittenAsRulesDo(string name, string expected) =>
        Assert.Equal(expected, ColumnTypes.Name(name));

    [Fact]
    public void Translate_CapturedVariable_IsReadOnce()
    {
        var limit = 5;
        var expr = Translate(x => x.A > limit);
        limit = 7;

        Assert.Equal(Compare(BinaryOp.Greater, Field(0), 5L), expr);
        Assert.Equal(7, limit);
    }

    [Fact]
    public void Translate_IntegerBesideNumber_IsConverted() => Assert.Equal(
        new BinaryExpr(BinaryOp.Less, new ConvertExpr(Field(0), DataType.Number), Field(2), DataType.Bool),
        Translate(x => x.A < x.X));

    [Fact]
    public void Translate_Enum_IsItsName()
    {
        var angry = Mood.Angry;

        Assert.Equal(Compare(BinaryOp.Equal, Field(6), "Angry"), Translate(x => x.Mood == Mood.Angry));
        Assert.Equal(Compare(BinaryOp.NotEqual, Field(7), "Angry"), Translate(x => x.Maybe != angry));
        Assert.Equal(
            new InExpr(Field(6), ["Calm"], Negated: false), Translate(x => new[] { Mood.Calm }.Contains(x.Mood)));
    }

    [Fact]
    public void Translate_NullTests_AskWhetherThereIsAValue()
    {
        var none = new UnaryExpr(UnaryOp.IsNull, Field(10), DataType.Bool);
        var some = new UnaryExpr(UnaryOp.IsNotNull, Field(10), DataType.Bool);

        Assert.Equal(none, Translate(x => x.N == null));
        Assert.Equal(some, Translate(x => x.N.HasValue));
        Assert.Equal(some, Translate(x => null != x.N));
        Assert.Equal(Compare(BinaryOp.Equal, Field(10), 3L), Translate(x => x.N!.Value == 3));
    }

    [Fact]
    public void Translate_Times_AreMilliseconds()
    {
        var since = new DateTime(1970, 1, 1, 0, 1, 0, DateTimeKind.Utc);

        Assert.Equal(
            new BinaryExpr(BinaryOp.Greater, Field(8), new ConstExpr(60_000L, DataType.Timestamp), DataType.Bool),
            Translate(x => x.When > since));
        Assert.Equal(
            new BinaryExpr(
                BinaryOp.Less,
                new BinaryExpr(
                    BinaryOp.Subtract, Field(8), new ConstExpr(60_000L, DataType.Timestamp), DataType.Duration),
                Field(9),
                DataType.Bool),
            Translate(x => x.When - since < x.Took));
    }

    [Fact]
    public void Translate_SetOfCaptured_IsOneLookUp()
    {
        var set = new HashSet<long> { 4 };
        List<int> list = [1, 2];

        Assert.Equal(new InExpr(Field(1), [4L], Negated: false), Translate(x => set.Contains(x.B)));
        Assert.Equal(new InExpr(Field(0), [1L, 2L], Negated: false), Translate(x => list.Contains(x.A)));
    }

    [Fact]
    public void Translate_IntegerDivision_IsRefused() => AssertRefused(
        x => x.A / x.B > 2,
        "'(Convert(x.A, Int64) / x.B)' cannot be part of a rule: "
        + "a division gives a number with its fraction; cast one side to double to say so.");

    [Fact]
    public void Translate_DeepMember_IsRefused() => AssertRefused(
        x => x.Home.City == "Rome",
        "'x.Home.City' cannot be part of a rule: fields are properties of the event itself.");

    [Fact]
    public void Translate_MemberThatIsNoColumn_IsRefused() => AssertRefused(
        x => x.Home == null,
        "'x.Home' cannot be part of a rule: a field of an event is one of bool, integers up to long, float, double, "
        + "decimal, string, DateTime, DateTimeOffset, TimeSpan, enums, and these as nullable.");

    [Fact]
    public void Translate_UnknownMethod_IsRefused() => AssertRefused(
        x => x.Text!.Trim() == "", "'x.Text.Trim()' cannot be part of a rule: the engine does not know string.Trim.");

    [Fact]
    public void Translate_BankersRounding_IsRefused() => AssertRefused(
        x => Math.Round(x.X) > 1,
        "'Round(x.X)' cannot be part of a rule: halves are rounded away from zero; "
        + "add MidpointRounding.AwayFromZero to say so.");

    [Fact]
    public void Translate_CultureOfTexts_IsRefused() => AssertRefused(
        x => x.Text!.StartsWith("a", StringComparison.CurrentCultureIgnoreCase),
        "'x.Text.StartsWith(\"a\", CurrentCultureIgnoreCase)' cannot be part of a rule: "
        + "texts are compared by their characters, as StringComparison.Ordinal does.");

    [Fact]
    public void Translate_OrderOfEnums_IsRefused() => AssertRefused(
        x => x.Mood > Mood.Calm,
        "'(Convert(x.Mood, Int32) > 0)' cannot be part of a rule: "
        + "values of an enum are texts here and have no order; name those that are meant.");

    [Fact]
    public void Translate_RegexThatIsNotLinear_IsRefusedWhereItIsWritten() =>
        Assert.Throws<NotSupportedException>(() => Translate(x => Regex.IsMatch(x.Text!, @"(a)\1")));

    [Fact]
    public void Translate_AggregateOverTheCurrentEvent_IsRefused()
    {
        Expression<Func<Event, Moving<Event>, bool>> condition =
            (x, m) => m.Count(y => y.A > x.A, TimeSpan.FromSeconds(1)) > 0;

        var error = Assert.Throws<NotSupportedException>(() => ExpressionTranslator.Translate(
            condition, new MovingScope(Shape, condition.Parameters[0], condition.Parameters[1])));

        Assert.Equal(
            "'x.A' cannot be part of a rule: fields are properties of the event itself." + WayOut, error.Message);
    }

    [Fact]
    public void Moving_Called_SaysWhereItBelongs()
    {
        var moving = (Moving<Event>)System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(
            typeof(Moving<Event>));

        var error = Assert.Throws<InvalidOperationException>(() => moving.Count(TimeSpan.FromSeconds(1)));

        Assert.Equal(
            "Moving aggregates stand inside the condition of a rule; they are translated, never run.", error.Message);
    }

    [Fact]
    public void Writer_EachType_IsReadBack()
    {
        var columns = Shape.Schema.Fields.Select(
            f => new Column(f.Type, 1, f.Type == DataType.String ? new StringPool() : null)).ToArray();
        var write = Shape.CompileWriter<Event>(Enumerable.Range(0, 12).ToHashSet());
        var when = new DateTime(1970, 1, 1, 0, 0, 1);

        write(new(1, 2, 3, 4, 5, "t", Mood.Angry, Mood.Calm, when, TimeSpan.FromSeconds(1), 6, true, new("")), columns);
        Assert.Equal(
            [1L, 2L, 3.0, 4.0, 5.0, "t", "Angry", "Calm", 1000L, 1000L, 6L, true],
            columns.Take(12).Select(c => c.ValueAt(0)));
        write(new(1, 2, double.NaN, 4, 5, null, Mood.Angry, null, when, default, null, false, new("")), columns);
        Assert.Equal(
            [1L, 2L, null, 4.0, 5.0, null, "Angry", null, 1000L, 0L, null, false],
            columns.Take(12).Select(c => c.ValueAt(0)));
    }

    private static Expr Translate(Expression<Func<Event, bool>> condition) =>
        ExpressionTranslator.Translate(condition, new EventScope(Shape, condition.Parameters[0]));

    private static void AssertRefused(Expression<Func<Event, bool>> condition, string message) =>
        Assert.Equal(message + WayOut, Assert.Throws<NotSupportedException>(() => Translate(condition)).Message);

    private static FieldExpr Field(int index) =>
        new(0, index, Shape.Schema.Fields[index].Name, Shape.Schema.Fields[index].Type);

    private static BinaryExpr Compare(BinaryOp op, Expr left, object value) =>
        new(op, left, new ConstExpr(value, left.Type), DataType.Bool);
}
