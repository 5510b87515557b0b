using System.Runtime.CompilerServices;

namespace Cep.Rules.Tests;

/// <summary>
/// Each file in Cases is compiled and everything said about it compared with the file beside it. With CEP_APPROVE=1 the
/// expected files are written anew.
/// </summary>
public sealed class GoldenCaseTests
{
    public static TheoryData<string> Cases =>
        [.. Directory.GetFiles(Folder(), "*.yaml").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Compiler_File_SaysExactlyThis(string name)
    {
        var text = File.ReadAllText(Path.Combine(Folder(), $"{name}.yaml"));
        var expectedPath = Path.Combine(Folder(), $"{name}.expected");

        var result = Compiled.Files(($"{name}.yaml", text));

        var rules = string.Join(", ", result.Plan.Rules.Select(r => r.Id));
        var actual = $"{Compiled.Printed(result, text)}plans: {(rules.Length == 0 ? "none" : rules)}\n";
        if (Environment.GetEnvironmentVariable("CEP_APPROVE") == "1")
            File.WriteAllText(expectedPath, actual);
        Assert.Equal(File.Exists(expectedPath) ? File.ReadAllText(expectedPath) : "", actual);
    }

    private static string Folder([CallerFilePath] string path = "") =>
        Path.Combine(Path.GetDirectoryName(path)!, "Cases");
}
