using System.Reflection;
using Xunit;

namespace Cep.Tests.Approved;

/// <summary>
/// The public API, line by line. Where a change is meant, run the tests with CEP_APPROVE=1 and commit the new text.
/// </summary>
public sealed class ApprovedApiTests
{
    [Fact]
    public void Engine_PublicApi_IsTheApprovedOne() => Check(typeof(Engine).Assembly);

    [Fact]
    public void Rules_PublicApi_IsTheApprovedOne() => Check(Assembly.Load("Cep.Rules"));

    private static void Check(Assembly assembly)
    {
        var path = Path.Combine(Repository.Root, "tests/Cep.Tests/Approved", assembly.GetName().Name + ".approved.txt");
        var actual = PublicApi.Describe(assembly);
        if (Environment.GetEnvironmentVariable("CEP_APPROVE") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
