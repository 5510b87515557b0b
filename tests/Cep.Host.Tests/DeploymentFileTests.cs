using Cep.Host.Deployments;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Host.Tests;

public sealed class DeploymentFileTests
{
    [Theory]
    [InlineData("tcp: {listen: \"127.0.0.1:1\", akc: true}", "'akc' is no key of a tcp source.", "did you mean 'ack'?")]
    [InlineData("tcp: {connect: \"h:1\", ack: true}", "Only who connects to a listening source is ack", null)]
    [InlineData("tcp: {listen: \"127.0.0.1:1\", tls: {key: k.pem}}", "Whoever listens needs a certificate.", "cert")]
    [InlineData("tcp: {listen: \"127.0.0.1:1\", max_line: 1XB}", "'max_line' is a size from 64 to", null)]
    [InlineData("tcp: {listen: \"127.0.0.1:1\", idle: 0s}", "'idle' is longer than 0", null)]
    [InlineData("tcp: {listen: \"127.0.0.1:1\", max_peers: 0}", "'max_peers' is a number from 1 to 65536.", null)]
    [InlineData("udp: {listen: \"example.org:1\"}", "Here stands an IP address of this machine", null)]
    [InlineData("udp: {listen: \"127.0.0.1\"}", "An address is HOST:PORT", null)]
    [InlineData("http: {path: \"/a/{b}\"}", "A path to post to is /NAME", null)]
    [InlineData("http: {path: \"/a\"}\n  - stream: s\n    http: {path: \"/a\"}", "Another source has the path", null)]
    [InlineData("file: {path: x}\n    http: {path: /x}", "A source has one of", null)]
    [InlineData("tcp: {listen: \"${NO_SUCH}:1\"}", "The environment has no variable NO_SUCH.", "export NO_SUCH=…")]
    public void Source_ThatIsWrong_IsReported(string source, string message, string? hint)
    {
        var problem = Problem($"rules: [r.yaml]\nsources:\n  - stream: s\n    {source}\n");
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        if (hint is not null)
            Assert.Contains(hint, problem.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{listen: \"0.0.0.0:8080\"}", "Whoever can reach this machine could come in: it takes a 'token'.")]
    [InlineData("{token: short}", "A token has 16 characters or more.")]
    [InlineData("{listen: \"localhost\"}", "An address is HOST:PORT")]
    public void Web_ThatIsWrong_IsReported(string web, string message) =>
        Assert.Contains(
            message, Problem($"rules: [r.yaml]\nsources: []\nweb: {web}\n").Message, StringComparison.Ordinal);

    [Fact]
    public void Http_WithoutWeb_IsListenedForOnThisMachine()
    {
        var deployment = Read("rules: [r.yaml]\nsources:\n  - {stream: s, http: {path: /s}}\n").Deployment!;
        Assert.Equal("127.0.0.1:8080", deployment.Web!.Address.ToString());
        Assert.Null(Read("rules: [r.yaml]\nsources: []\n").Deployment!.Web);
    }

    [Fact]
    public void Token_IsInNoText()
    {
        var deployment = Read(
            "rules: [r.yaml]\nsources: []\nweb: {listen: \"0.0.0.0:80\", token: \"${SECRET}\"}\n").Deployment!;
        Assert.Equal("the secret of this test", deployment.Web!.Token);
        Assert.DoesNotContain("secret", deployment.ToString(), StringComparison.Ordinal);
    }

    private static Diagnostic Problem(string text) => Assert.Single(Read(text).Diagnostics);

    private static DeploymentResult Read(string text) => DeploymentFile.Read(
        new SourceText("deployment.yaml", text), name => name == "SECRET" ? "the secret of this test" : null);
}
