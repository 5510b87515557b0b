using Cep.Events;
using Cep.Plans;
using Cep.Rules.Binding;
using Cep.Rules.Diagnostics;
using Cep.Rules.Lowering;
using Cep.Rules.Syntax;

namespace Cep.Rules.Testing;

/// <summary>
/// Makes tests ready to run: finds the rules under test and converts what is given and expected to the types of
/// streams.
/// </summary>
internal sealed class TestBinder(
    IReadOnlyList<FileSyntax> files, RuleSet all, Func<string, string?>? load, DiagnosticBag diagnostics)
{
    private readonly Dictionary<string, FileSyntax?> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RuleSet> _sets = new(StringComparer.Ordinal);

    public IReadOnlyList<RuleTest> Bind()
    {
        foreach (var file in files)
            _loaded.TryAdd(RelativePath.Normalize(file.Source.Path), file);
        return [.. files.SelectMany(f => f.Tests.Select(t => Bind(f, t)))];
    }

    private RuleTest Bind(FileSyntax file, TestSyntax test)
    {
        var mark = diagnostics.Mark;
        var set = RulesUnderTest(file, test);
        var plan = PlanOf(set);
        List<GivenStep> given = [.. test.Given.Select(g => Given(g, plan))];
        var expectations = new ExpectationReader(set, given.Count, diagnostics);
        List<Expectation> expected = [.. test.Expect.Select(expectations.Read)];
        var errors = test.Errors.Concat(diagnostics.ErrorsSince(mark)).ToList();
        var broken = set.Rules.FirstOrDefault(r => r.Bound is null).Syntax;
        return new RuleTest(test.Name, file.Source.Path, test.Node.Span.Line, plan)
        {
            Given = given,
            Expectations = expected,
            IsComplete = test.IsComplete,
            UntilMs = test.UntilMs,
            Problem = errors.Count > 0
                ? errors[0].ToString()
                : broken is null ? null : $"The rule '{broken.Id.Value}' has errors.",
        };
    }

    /// <summary>
    /// Those that the test brings along or else those of its file, and those that it loads; where there are none, all.
    /// </summary>
    private RuleSet RulesUnderTest(FileSyntax file, TestSyntax test)
    {
        var loads = file.Load.Concat(test.Own.Load).Select(l => Load(file, l)).OfType<FileSyntax>().ToList();
        var hasOwnRules = test.Own.Rules.Count > 0;
        if (loads.Count == 0 && !hasOwnRules && test.Own.Streams.Count == 0)
        {
            List<(RuleSyntax, BoundRule?)> beside = [.. all.Rules.Where(r => r.Syntax.Id.Source == file.Source)];
            return file.Rules.Count == 0 ? all : all with { Rules = beside };
        }

        List<FileSyntax> scope = [test.Own, .. loads, hasOwnRules ? file with { Rules = [] } : file];
        if (scope.TrueForAll(s => s.Rules.Count == 0))
            scope.AddRange(files.Where(f => f != file));
        if (hasOwnRules || test.Own.Streams.Count > 0)
            return RuleSetBinder.Bind(scope, all.Streams, shadows: true, diagnostics);
        // many tests load the same files
        var loaded = string.Join('\n', scope.Select(s => s.Source.Path));
        if (!_sets.TryGetValue(loaded, out var set))
            _sets[loaded] = set = RuleSetBinder.Bind(scope, all.Streams, shadows: true, diagnostics);
        return set;
    }

    private FileSyntax? Load(FileSyntax file, YamlScalar path)
    {
        var resolved = RelativePath.Resolve(file.Source.Path, path.Value);
        if (!_loaded.TryGetValue(resolved, out var loaded))
        {
            loaded = load?.Invoke(resolved) is { } text
                ? FileReader.Read(new SourceText(resolved, text), diagnostics)
                : null;
            _loaded[resolved] = loaded;
        }

        if (loaded is null)
            diagnostics.Error(DiagnosticIds.LoadFailed, path, $"There is no file '{resolved}' to load.");
        return loaded;
    }

    /// <summary>The plan to run; a derived stream that no rule under test feeds is fed by the test.</summary>
    private static EnginePlan PlanOf(RuleSet set)
    {
        var plan = set.ToPlan();
        var fed = plan.Rules.Select(r => r.Emit).Concat(plan.Streams.Select(s => s.LateTo)).ToHashSet();
        bool IsFed(StreamPlan stream) => stream.Derived && fed.Contains(stream.Schema.Name);
        return plan with { Streams = [.. plan.Streams.Select(s => s with { Derived = IsFed(s) })] };
    }

    private GivenStep Given(GivenSyntax given, EnginePlan plan)
    {
        if (given.AdvanceMs is { } by)
            return new GivenAdvance(by);
        if (given.Fields is not { } fields)
            return new GivenNothing();
        var stream = plan.Streams.FirstOrDefault(s => s.Schema.Name == given.Stream.Value);
        if (stream is { Derived: false })
            return Event(stream.Schema, fields);
        if (stream is not null)
            diagnostics.Error(DiagnosticIds.UnknownStream, given.Stream,
                $"'{given.Stream.Value}' is made by a rule under test; its events cannot be given.");
        else
            diagnostics.Error(DiagnosticIds.UnknownStream, given.Stream, $"There is no stream '{given.Stream.Value}'.",
                Suggestion.For(given.Stream.Value, plan.Streams.Select(s => s.Schema.Name)));
        return new GivenNothing();
    }

    private GivenEvent Event(StreamSchema schema, YamlMapping fields)
    {
        var values = new object?[schema.Fields.Length];
        string? rejection = null;
        foreach (var (key, value) in fields.Entries)
        {
            var index = schema.IndexOf(key.Value);
            if (index < 0)
            {
                diagnostics.Warning(DiagnosticIds.UnknownGivenField, key.Source, key.Span,
                    $"The stream '{schema.Name}' has no field '{key.Value}'.",
                    Suggestion.For(key.Value, schema.Fields.Select(f => f.Name)));
                continue;
            }

            var field = schema.Fields[index];
            if (GivenValue.Convert(value, field.Type, field.Element, out values[index]) is { } problem)
                rejection ??= $"{field.Name}: {problem}";
        }

        if (schema.TimeField >= 0 && values[schema.TimeField] is null)
            rejection ??= $"{schema.Fields[schema.TimeField].Name}: the event has no time";
        return new GivenEvent(schema.Name, values, rejection, GivenValue.Describe(fields));
    }
}
