namespace Cep.Plans;

/// <summary>What becomes of a rule's state when other rules take the place of those that run.</summary>
public enum RuleFate : byte
{
    /// <summary>It looks for the same in the same way, and goes on.</summary>
    Unchanged,

    /// <summary>Something was tuned that its state does not depend on: it goes on.</summary>
    KeepsState,

    /// <summary>It looks for something else: what it remembers is of no use.</summary>
    StartsFresh,

    New,
    Removed,
}
