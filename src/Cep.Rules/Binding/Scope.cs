using Cep.Expressions;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>What an expression can do with aggregates where it stands.</summary>
internal enum AggregateUse : byte
{
    None,

    /// <summary>Those with a range, over the key's events.</summary>
    Moving,

    /// <summary>Those without a range, over a group of events.</summary>
    Group,
}

/// <summary>
/// What the names in an expression mean, and what it may use, at one place of a rule. A kind of detector that brings
/// names of its own (steps, sides of a join) adds a scope.
/// </summary>
internal abstract class Scope
{
    /// <summary>The place, for messages: "'temperature' cannot be used in {Place}".</summary>
    public abstract string Place { get; }

    public virtual AggregateUse Aggregates => AggregateUse.None;

    /// <summary>Where an aggregate could stand instead, where it cannot stand here.</summary>
    public virtual string AggregateHint => "use it in 'when', or name it with 'let' and use it there";

    /// <summary>Whether prev and changed can be used: they need the key's events in order.</summary>
    public virtual bool HasHistory => false;

    /// <summary>The scope of an aggregate's argument.</summary>
    public virtual Scope Argument => this;

    /// <summary>The key parts, for <c>key()</c>; null where there is no key yet.</summary>
    public virtual IReadOnlyList<KeyPart>? Key => null;

    /// <summary>The value of a name; null where it is unknown.</summary>
    public abstract Resolved? Name(string name);

    /// <summary>
    /// The value of <c>name.member</c> where the name is no value itself; null where there is no such thing.
    /// </summary>
    public virtual Resolved? Member(string name, string member) => null;

    /// <summary>True where events of a pattern's steps can be looked at.</summary>
    public virtual bool KnowsSteps => false;

    /// <summary>
    /// True where a name stands for a step, whatever else has the name: it is followed by one of its fields.
    /// </summary>
    public virtual bool HasMembers(string name) => false;

    /// <summary>A field of a step with a name like this one, to suggest.</summary>
    public virtual string? SuggestMember(string name, string member) => null;

    /// <summary>Why a name that is known elsewhere in the rule cannot be used here, or null.</summary>
    public virtual Refusal? Refuse(NameSyntax name) => null;

    /// <summary>Known names, to suggest from.</summary>
    public abstract IEnumerable<string> Names { get; }
}

/// <summary>Why a name cannot be used: the kind of problem, what to tell and what to do about it.</summary>
internal sealed record Refusal(string Id, string Message, string? Hint = null);

/// <summary>What a name stands for; no value where its definition has errors, which have been reported.</summary>
/// <param name="Value">The expression, or null.</param>
/// <param name="Nodes">The number of its nodes.</param>
internal sealed record Resolved(Expr? Value, int Nodes = 1);
