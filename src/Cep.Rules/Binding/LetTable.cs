using Cep.Expressions;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Binding;

/// <summary>The <c>let</c> of a rule: each is bound when it is first used, so that their order is free.</summary>
internal sealed class LetTable
{
    private const int MaxDepth = 50;

    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Func<NamedSyntax, Resolved> _bind;
    private readonly DiagnosticBag _diagnostics;
    private int _depth;

    public LetTable(IReadOnlyList<NamedSyntax> lets, Func<NamedSyntax, Resolved> bind, DiagnosticBag diagnostics)
    {
        _bind = bind;
        _diagnostics = diagnostics;
        foreach (var let in lets)
            _entries.TryAdd(let.Name, new Entry(let));
    }

    public IEnumerable<string> Names => _entries.Keys;

    /// <summary>Those that no expression has used.</summary>
    public IEnumerable<NamedSyntax> Unused => _entries.Values.Where(e => !e.IsUsed).Select(e => e.Syntax);

    public bool IsUnderWay(string name) => _entries.TryGetValue(name, out var entry) && entry.IsUnderWay;

    /// <summary>What a name stands for, for use in another expression; null where no let has the name.</summary>
    public Resolved? Use(string name)
    {
        if (!_entries.TryGetValue(name, out var entry))
            return null;
        entry.IsUsed = true;
        return Bind(entry);
    }

    /// <summary>All of them in the order written; those with errors have no value.</summary>
    public IEnumerable<(string Name, Expr? Value)> All() => _entries.Values.Select(e => (e.Syntax.Name, Bind(e).Value));

    private Resolved Bind(Entry entry)
    {
        if (entry.Bound is not null)
            return entry.Bound;
        if (entry.IsUnderWay)
        {
            _diagnostics.Error(DiagnosticIds.Cycle, entry.Syntax.NameSource,
                $"The definition of '{entry.Syntax.Name}' goes round in a circle.");
            return new Resolved(null);
        }

        if (_depth == MaxDepth)
        {
            _diagnostics.Error(DiagnosticIds.LimitExceeded, entry.Syntax.NameSource,
                $"Definitions wait for each other more than {MaxDepth} deep.",
                "write a definition before those that use it");
            return entry.Bound = new Resolved(null);
        }

        entry.IsUnderWay = true;
        _depth++;
        entry.Bound = _bind(entry.Syntax);
        _depth--;
        entry.IsUnderWay = false;
        return entry.Bound;
    }

    private sealed class Entry(NamedSyntax syntax)
    {
        public NamedSyntax Syntax { get; } = syntax;

        public Resolved? Bound { get; set; }

        public bool IsUnderWay { get; set; }

        public bool IsUsed { get; set; }
    }
}
