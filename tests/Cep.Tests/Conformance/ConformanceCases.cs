using Cep.Rules;
using Cep.Rules.Testing;

namespace Cep.Tests.Conformance;

/// <summary>
/// The rule tests of the folder that the environment variable CEP_CONFORMANCE names: what other engines answer.
/// </summary>
internal static class ConformanceCases
{
    public const string Variable = "CEP_CONFORMANCE";

    private static readonly Dictionary<string, IReadOnlyList<RuleTest>> Compiled = [];

    public static string? Root =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } root && Directory.Exists(root) ? root : null;

    /// <summary>File and name of each case of a folder.</summary>
    public static IEnumerable<(string File, string Name)> Of(string folder)
    {
        if (Root is null)
            return [];
        return from path in Directory.EnumerateFiles(Path.Combine(Root, folder), "*.test.yaml").Order(
            StringComparer.Ordinal)
               let file = $"{folder}/{Path.GetFileName(path)}"
               from test in Tests(file)
               select (file, test.Name);
    }

    public static RuleTest Find(string file, string name) => Tests(file).First(t => t.Name == name);

    private static IReadOnlyList<RuleTest> Tests(string file)
    {
        lock (Compiled)
        {
            if (!Compiled.TryGetValue(file, out var tests))
                Compiled[file] = tests = RuleCompiler.Compile(
                    [new SourceText(file, File.ReadAllText(Path.Combine(Root!, file)))]).Tests;
            return tests;
        }
    }
}
