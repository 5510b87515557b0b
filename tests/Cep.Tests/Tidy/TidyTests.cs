using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Cep.Tests.Tidy;

/// <summary>The rules of the house that a machine can hold.</summary>
public sealed class TidyTests
{
    private const int MethodLines = 70;
    private const int LineWidth = 120;
    private const int CompanionLines = 30;

    // Joined so that this file does not contain what it forbids.
    private static readonly string[] UnfinishedMarks = ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "Not" + "Implemented"];

    private static readonly string[] VagueNames = ["Manager", "Helper", "Helpers", "Util", "Utils"];

    [Fact]
    public void Methods_FitOneScreen() => AssertNone(
        from file in SourceFile.All
        from method in file.Root.DescendantNodes()
        where method is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax
        let lines = SourceFile.LineCount(method)
        where lines > MethodLines
        select $"{file.At(method)}: {lines} lines, at most {MethodLines}");

    [Fact]
    public void Lines_FitTheWidth() => AssertNone(
        from file in SourceFile.All
        from line in file.Lines.Select((text, index) => (Text: text.TrimEnd('\r'), Number: index + 1))
        where line.Text.Length > LineWidth
        select $"{file.Path}:{line.Number}: {line.Text.Length} characters, at most {LineWidth}");

    [Fact]
    public void Files_HoldOneTypeAndItsSmallCompanions() => AssertNone(
        from file in SourceFile.Product
        let types = file.TopLevelTypes.ToList()
        where types.Count > 1
        let family = types.OfType<TypeDeclarationSyntax>().FirstOrDefault(
            t => t.Modifiers.Any(SyntaxKind.AbstractKeyword))?.Identifier.Text
        let large = types.Where(t => SourceFile.LineCount(t) >= CompanionLines && !Derives(t, family)).ToList()
        where large.Select(Name).Distinct().Count() > 1
        select $"{file.Path}: {string.Join(", ", large.Select(Name))} belong into files of their own");

    [Fact]
    public void Namespaces_FollowFolders() => AssertNone(
        from file in SourceFile.Product
        where file.Namespace is not null
        let folders = file.Path.Split('/')
        let expected = string.Join('.', folders[1..^1])
        where file.Namespace != expected
        select $"{file.Path}: the namespace is {file.Namespace}, not {expected}");

    [Fact]
    public void Regions_AreNotUsed() => AssertNone(
        from file in SourceFile.All
        where file.Root.DescendantTrivia().Any(t => t.IsKind(SyntaxKind.RegionDirectiveTrivia))
        select file.Path);

    [Fact]
    public void NothingIsMarkedAsUnfinished() => AssertNone(
        from file in SourceFile.All
        from line in file.Lines.Select((text, index) => (Text: text, Number: index + 1))
        from mark in UnfinishedMarks
        where line.Text.Contains(mark, StringComparison.Ordinal)
        select $"{file.Path}:{line.Number}: {mark}");

    [Fact]
    public void TypeNames_SayWhatATypeDoes() => AssertNone(
        from file in SourceFile.All
        from type in file.Root.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
        where VagueNames.Any(n => type.Identifier.Text.EndsWith(n, StringComparison.Ordinal))
        select $"{file.At(type)}: {type.Identifier.Text}");

    [Fact]
    public void Classes_AreSealedAbstractOrStatic() => AssertNone(
        from file in SourceFile.All
        from type in file.Root.DescendantNodes().OfType<TypeDeclarationSyntax>()
        where type.IsKind(SyntaxKind.ClassDeclaration) || type.IsKind(SyntaxKind.RecordDeclaration)
        where !type.Modifiers.Any(m => m.Kind() is SyntaxKind.SealedKeyword or SyntaxKind.AbstractKeyword
            or SyntaxKind.StaticKeyword or SyntaxKind.PartialKeyword)
        select $"{file.At(type)}: {type.Identifier.Text}");

    private static bool Derives(MemberDeclarationSyntax type, string? family) =>
        type is TypeDeclarationSyntax { BaseList: { } bases } && family is not null
        && bases.Types.Any(b => b.Type.ToString() == family);

    private static string Name(MemberDeclarationSyntax type) =>
        type is BaseTypeDeclarationSyntax t ? t.Identifier.Text : ((DelegateDeclarationSyntax)type).Identifier.Text;

    private static void AssertNone(IEnumerable<string> faults)
    {
        var found = faults.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
