using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Cep.Tests.Tidy;

/// <summary>A parsed source file.</summary>
internal sealed class SourceFile
{
    private static readonly Lazy<IReadOnlyList<SourceFile>> Sources =
        new(() => [.. Repository.CSharpFiles("src").Select(f => new SourceFile(f.Path, f.Text))]);

    private static readonly Lazy<IReadOnlyList<SourceFile>> Everything = new(() =>
    [
        .. new[] { "src", "simulators", "tests" }.SelectMany(Repository.CSharpFiles)
            .Select(f => new SourceFile(f.Path, f.Text)),
    ]);

    private readonly string _text;

    private SourceFile(string path, string text)
    {
        Path = path;
        _text = text;
        Root = CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview))
            .GetCompilationUnitRoot();
    }

    /// <summary>All files of src.</summary>
    public static IReadOnlyList<SourceFile> Product => Sources.Value;

    /// <summary>All files of src, simulators and tests.</summary>
    public static IReadOnlyList<SourceFile> All => Everything.Value;

    /// <summary>From the root of the repository, with slashes.</summary>
    public string Path { get; }

    public CompilationUnitSyntax Root { get; }

    public IEnumerable<string> Lines => _text.Split('\n');

    public string Project => Path.Split('/')[1];

    /// <summary>The folder inside the project, or empty.</summary>
    public string Folder => Path.Split('/') is { Length: > 3 } parts ? parts[2] : "";

    public string? Namespace =>
        Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().FirstOrDefault()?.Name.ToString();

    public IEnumerable<MemberDeclarationSyntax> TopLevelTypes => Root.DescendantNodes()
        .Where(n => n is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
        .Where(n => n.Parent is not TypeDeclarationSyntax)
        .Cast<MemberDeclarationSyntax>();

    public static int LineCount(SyntaxNode node)
    {
        var span = node.SyntaxTree.GetLineSpan(node.Span);
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }

    public string At(SyntaxNode node) => $"{Path}:{node.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1}";
}
