using Cep.Events;
using Cep.Plans;
using Cep.Rules.Diagnostics;
using Cep.Rules.Syntax;

namespace Cep.Rules.Lowering;

/// <summary>
/// Binds the rules of several files together. A rule that reads a derived stream is bound after those that emit it,
/// because the stream's fields are what they say.
/// </summary>
internal sealed class RuleSetBinder
{
    private readonly DiagnosticBag _diagnostics;
    private readonly bool _shadows;
    private readonly HashSet<string> _tables = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly Dictionary<string, StreamPlan> _streams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, YamlScalar> _declared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unsound = new(StringComparer.Ordinal);
    private readonly List<RuleSyntax> _rules = [];
    private readonly Dictionary<string, List<int>> _emitters = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _emittedBy = new(StringComparer.Ordinal);

    private RuleSetBinder(DiagnosticBag diagnostics, bool shadows)
    {
        _diagnostics = diagnostics;
        _shadows = shadows;
    }

    /// <param name="files">What is bound.</param>
    /// <param name="others">Streams that may be read besides; those of <paramref name="files"/> come before
    /// them.</param>
    /// <param name="shadows">A name that is declared twice stands for the first declaration; otherwise that is an
    /// error.</param>
    /// <param name="diagnostics">Takes the problems.</param>
    public static RuleSet Bind(IReadOnlyList<FileSyntax> files, IReadOnlyList<StreamPlan> others, bool shadows,
        DiagnosticBag diagnostics)
    {
        var binder = new RuleSetBinder(diagnostics, shadows);
        binder._tables.UnionWith(files.SelectMany(f => f.Tables).Select(t => t.Value));
        foreach (var stream in files.SelectMany(f => f.Streams))
            binder.Declare(stream);
        foreach (var stream in files.SelectMany(f => f.Streams))
            binder.DeclareLate(stream);
        binder.DeclareRules(files.SelectMany(f => f.Rules));
        foreach (var other in others)
            if (!binder._emitters.ContainsKey(other.Schema.Name) && !binder._declared.ContainsKey(other.Schema.Name))
                binder.Add(other);
        return binder.BindRules();
    }

    private void Declare(StreamSyntax stream)
    {
        var name = stream.Name.Value;
        if (!_declared.TryAdd(name, stream.Name))
        {
            if (!_shadows)
                _diagnostics.Error(DiagnosticIds.DuplicateDeclaration, stream.Name,
                    $"The stream '{name}' is declared in {Place(_declared[name])} already.");
            return;
        }

        if (!stream.IsSound)
            _unsound.Add(name);
        Add(new StreamPlan(stream.Schema)
        {
            OutOfOrderMs = stream.OutOfOrderMs,
            IdleMs = stream.IdleMs,
            LateTo = stream.LateTo?.Value,
            MaxAheadMs = stream.MaxAheadMs,
        });
    }

    private void Add(StreamPlan stream)
    {
        if (_streams.TryAdd(stream.Schema.Name, stream))
            _order.Add(stream.Schema.Name);
    }

    private static string Place(YamlNode node) => $"{node.Source.Path}:{node.Span.Line}";

    /// <summary>
    /// Late events go to a stream with the same fields, which is declared by that where it is not declared itself.
    /// </summary>
    private void DeclareLate(StreamSyntax stream)
    {
        if (stream.LateTo is not { } target || _declared[stream.Name.Value] != stream.Name)
            return;
        var from = stream.Schema;
        if (!_streams.TryGetValue(target.Value, out var to))
        {
            var time = from.TimeField < 0 ? null : from.Fields[from.TimeField].Name;
            Add(new StreamPlan(new StreamSchema(target.Value, from.Fields, time)) { Derived = true });
        }
        else if (target.Value == from.Name)
        {
            _diagnostics.Error(DiagnosticIds.Cycle, target,
                "Late events cannot go to the stream that they are late for.");
        }
        else if (Difference(from.Fields, to.Schema.Fields) is { } difference)
        {
            _diagnostics.Error(DiagnosticIds.SchemaConflict, target,
                $"Late events of '{from.Name}' do not fit '{target.Value}': {difference}.");
        }
    }

    private void DeclareRules(IEnumerable<RuleSyntax> rules)
    {
        var ids = new Dictionary<string, YamlScalar>(StringComparer.Ordinal);
        foreach (var written in rules)
        {
            var rule = written;
            if (!ids.TryAdd(rule.Id.Value, rule.Id))
            {
                if (_shadows)
                    continue;
                _diagnostics.Error(DiagnosticIds.DuplicateDeclaration, rule.Id,
                    $"There is a rule '{rule.Id.Value}' in {Place(ids[rule.Id.Value])} already.");
                rule = rule with { IsSound = false };
            }

            if (rule.Emit is { } emit && !DeclareEmitter(emit, _rules.Count))
                rule = rule with { IsSound = false };
            _rules.Add(rule);
        }
    }

    private bool DeclareEmitter(YamlScalar emit, int rule)
    {
        if (_declared.TryGetValue(emit.Value, out var declared))
        {
            _diagnostics.Error(DiagnosticIds.DuplicateDeclaration, emit,
                $"'{emit.Value}' is declared as a stream in {Place(declared)}; "
                + "a derived stream needs a name of its own.");
            return false;
        }

        if (_streams.ContainsKey(emit.Value))
        {
            _diagnostics.Error(DiagnosticIds.DuplicateDeclaration, emit,
                $"'{emit.Value}' is a stream of late events; a derived stream needs a name of its own.");
            return false;
        }

        if (!_emitters.TryGetValue(emit.Value, out var emitters))
            _emitters[emit.Value] = emitters = [];
        emitters.Add(rule);
        return true;
    }

    private RuleSet BindRules()
    {
        var bound = new BoundRule?[_rules.Count];
        var order = EmitOrder.Of(_rules, _emitters, out var cycles);
        foreach (var cycle in cycles)
            ReportCycle(cycle);
        foreach (var stream in cycles.SelectMany(c => c))
            _unsound.Add(_rules[stream].Emit!.Value);
        foreach (var rule in order)
        {
            if (BindRule(_rules[rule]) is { } plan && DeriveStream(_rules[rule], plan))
                bound[rule] = plan;
        }

        return new RuleSet([.. _order.Select(n => _streams[n])], [.. _rules.Select((r, i) => (r, bound[i]))]);
    }

    private void ReportCycle(IReadOnlyList<int> cycle)
    {
        var emit = _rules[cycle[0]].Emit!;
        var way = string.Join(" -> ", cycle.Append(cycle[0]).Select(i => $"'{_rules[i].Id.Value}'"));
        _diagnostics.Error(DiagnosticIds.Cycle, emit, $"Rules feed themselves: {way}.");
    }

    private BoundRule? BindRule(RuleSyntax rule)
    {
        if (rule.On is not { } on)
            return null;
        if (_streams.TryGetValue(on.Value, out var stream))
        {
            var bound = RuleBinder.Bind(rule, stream.Schema, SchemaOf, _tables, _diagnostics);
            return rule.Streams.Any(s => _unsound.Contains(s.Value)) || !AreKnown(rule) ? null : bound;
        }

        AreKnown(rule);
        return null;
    }

    private StreamSchema? SchemaOf(string stream) => _streams.TryGetValue(stream, out var plan) ? plan.Schema : null;

    /// <summary>Reports streams that nothing declares.</summary>
    /// <returns>True where the fields of all streams that a rule reads are known.</returns>
    private bool AreKnown(RuleSyntax rule)
    {
        var unknown = rule.Streams.Where(s => !_streams.ContainsKey(s.Value)).ToList();
        foreach (var stream in unknown)
        {
            // without an emitter's plan its stream has no known fields; the reason has been reported there
            if (!_emitters.ContainsKey(stream.Value) && !_unsound.Contains(stream.Value))
                _diagnostics.Error(DiagnosticIds.UnknownStream, stream, $"There is no stream '{stream.Value}'.",
                    Suggestion.For(stream.Value, _streams.Keys.Concat(_emitters.Keys)));
        }

        return unknown.Count == 0;
    }

    /// <returns>False where the stream has other fields already.</returns>
    private bool DeriveStream(RuleSyntax rule, BoundRule bound)
    {
        if (rule.Emit is not { } emit)
            return true;
        if (_emittedBy.TryAdd(emit.Value, rule.Id.Value))
        {
            Add(new StreamPlan(new StreamSchema(emit.Value, bound.Emitted, "ts")) { Derived = true });
            return true;
        }

        if (Difference(bound.Emitted, _streams[emit.Value].Schema.Fields) is not { } difference)
            return true;
        _diagnostics.Error(DiagnosticIds.SchemaConflict, emit,
            $"'{rule.Id.Value}' and '{_emittedBy[
                emit.Value]}' emit '{emit.Value}' with different fields: {difference}.");
        return false;
    }

    private static string? Difference(IReadOnlyList<FieldSchema> fields, IReadOnlyList<FieldSchema> others)
    {
        for (var i = 0; i < Math.Max(fields.Count, others.Count); i++)
        {
            if (i >= fields.Count || i >= others.Count)
                return $"'{(i < fields.Count ? fields : others)[i].Name}' is in one of them only";
            if (fields[i].Name != others[i].Name)
                return $"'{fields[i].Name}' stands where the other has '{others[i].Name}'";
            if (fields[i].Type != others[i].Type || fields[i].Element != others[i].Element)
                return $"'{fields[i].Name}' is {TypeNames.Of(fields[i].Type)}, "
                    + $"in the other {TypeNames.Of(others[i].Type)}";
        }

        return null;
    }
}
