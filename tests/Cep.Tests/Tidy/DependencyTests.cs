using System.Xml.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Cep.Tests.Tidy;

/// <summary>Who may know whom.</summary>
public sealed class DependencyTests
{
    private const string AboveTheEngine = "Reactive";

    // Inside the engine: a folder may use those named, and no other.
    private static readonly Dictionary<string, string[]> EngineFolders = new()
    {
        ["State"] = [],
        ["Events"] = ["State"],
        ["Time"] = ["Events", "State"],
        ["Expressions"] = ["Events", "State"],
        ["Plans"] = ["Events", "Time", "Expressions"],
        ["Detection"] = ["Events", "Time", "Expressions", "Plans", "State"],
        ["Alerts"] = ["Events", "Time", "Expressions", "Plans", "Detection", "State"],

        // stands above the engine: it runs rules as operators
        [AboveTheEngine] = ["Events", "Time", "Expressions", "Plans", "Detection", "Alerts"],
    };

    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["src/Cep"] = [],
        ["src/Cep.Rules"] = ["Cep"],
        ["src/Cep.Mqtt"] = [],
        ["src/Cep.MqttNet"] = ["Cep.Mqtt"],
        ["src/Cep.Connectors"] = ["Cep", "Cep.Mqtt"],
        ["src/Cep.Storage"] = ["Cep"],
        ["src/Cep.Host"] = ["Cep", "Cep.Rules", "Cep.Mqtt", "Cep.MqttNet", "Cep.Connectors", "Cep.Storage"],
        ["src/Cep.Cli"] =
            ["Cep", "Cep.Rules", "Cep.Mqtt", "Cep.Connectors", "Cep.Storage", "Cep.Host", "Cep.Simulators"],
        ["simulators/Cep.Simulators"] = [],
    };

    [Fact]
    public void EngineFolders_KnowOnlyWhatLiesBelowThem()
    {
        var faults =
            from file in SourceFile.Product
            where file.Project == "Cep" && file.Folder.Length > 0
            from used in EngineFoldersUsed(file)
            where used != file.Folder && !EngineFolders[file.Folder].Contains(used)
            select $"{file.Path}: {file.Folder} must not know {used}";

        AssertNone(faults);
    }

    [Fact]
    public void EngineFolders_DoNotKnowTheEngine()
    {
        var faults =
            from file in SourceFile.Product
            where file.Project == "Cep" && file.Folder.Length > 0 && file.Folder != AboveTheEngine
            from name in file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
            where name.Identifier.Text is "Engine" or "EngineOptions"
            select $"{file.At(name)}: {name.Identifier.Text}";

        AssertNone(faults);
    }

    [Fact]
    public void Projects_ReferenceOnlyWhatTheyMay()
    {
        var faults = new List<string>();
        foreach (var path in ProjectFiles())
        {
            var folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(path)!).Replace('\\', '/');
            var references = XDocument.Load(path).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
            if (!Projects.TryGetValue(folder, out var allowed))
                faults.Add($"{folder} is not in the list of {nameof(DependencyTests)}");
            else
                faults.AddRange(references.Except(allowed).Select(r => $"{folder} must not reference {r}"));
        }

        AssertNone(faults);
    }

    [Fact]
    public void Simulators_UseNoPackage()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "simulators/Cep.Simulators/Cep.Simulators.csproj"));

        Assert.Empty(project.Descendants("PackageReference"));
    }

    private static IEnumerable<string> ProjectFiles() =>
        new[] { "src", "simulators" }.SelectMany(f => Directory.EnumerateFiles(
            Path.Combine(Repository.Root, f), "*.csproj", SearchOption.AllDirectories));

    /// <summary>By using-directives and by qualified names such as Plans.Severity.</summary>
    private static IEnumerable<string> EngineFoldersUsed(SourceFile file)
    {
        var names = file.Root.DescendantNodes().OfType<QualifiedNameSyntax>()
            .Where(n => n.Parent is not BaseNamespaceDeclarationSyntax).Select(n => n.ToString())
            .Concat(file.Root.Usings.Select(u => u.NamespaceOrType.ToString()));
        return names.Distinct().Select(Folder).OfType<string>().Distinct();
    }

    private static string? Folder(string name)
    {
        var parts = name.Split('.');
        var first = parts[0] == "Cep" ? 1 : 0;
        return parts.Length > 1 && EngineFolders.ContainsKey(parts[first]) ? parts[first] : null;
    }

    private static void AssertNone(IEnumerable<string> faults)
    {
        var found = faults.Distinct().ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
