using Cep.Rules;

namespace Cep.Tests.Rules;

/// <summary>The rules of the folder rules/, compiled once.</summary>
internal static class ShippedRules
{
    private static readonly Lazy<CompileResult> Compiled = new(() => RuleCompiler.Compile(Sources()));

    public static CompileResult Result => Compiled.Value;

    /// <summary>The plan of the rules of one folder.</summary>
    public static CompileResult Domain(string folder) =>
        RuleCompiler.Compile([.. Sources().Where(s =>
            s.Path.StartsWith($"rules/{folder}/", StringComparison.Ordinal)
            && !s.Path.EndsWith(".test.yaml", StringComparison.Ordinal))]);

    private static List<SourceText> Sources() =>
    [
        .. from file in Directory.EnumerateFiles(
                Path.Combine(Repository.Root, "rules"), "*.yaml", SearchOption.AllDirectories)
           let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
           orderby path
           select new SourceText(path, File.ReadAllText(file)),
    ];
}
