using Cep.Host.Deployments;
using Cep.Rules;
using Cep.Rules.Diagnostics;

namespace Cep.Host.Tests;

public sealed class DeploymentFileTests
{
    private const string TwoSinks = "sinks: {a: {stdout: }, am: {alertmanager: {url: \"http://x\"}}}\n";

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
    [InlineData("{webhook: {url: \"ftp://x\"}}", "The url is no http or https address.")]
    [InlineData("{webhook: {url: \"http://x\", rate: fast}}", "A rate is a number and a unit of time")]
    [InlineData("{webhook: {url: \"http://x\", secret: [a, whsec_!]}}", "goes on in base64.")]
    [InlineData("{webhook: {url: \"http://x\", template: no-such.json}}", "The template can't be read")]
    [InlineData("{webhook: {url: \"${HOOK_URL}\"}}", "The environment has no variable HOOK_URL.")]
    [InlineData("{alertmanager: {urls: \"http://x\"}}", "'urls' is no key of an alertmanager.")]
    [InlineData("{file: {path: a, rotate: 1}}", "'rotate' is a size from 1024")]
    [InlineData("{smtp: {server: \"h:25\", from: nobody, to: a@b.c}}", "This is no mail address.")]
    [InlineData(
        "{smtp: {server: \"h:25\", from: a@b.c, to: a@b.c, tls: false, username: u}}", "the password would be read")]
    [InlineData("{stdout: {}, file: {path: a}}", "A sink has one of webhook, alertmanager, smtp, mqtt, file, stdout.")]
    public void Sink_ThatIsWrong_IsReported(string sink, string message) =>
        Assert.Contains(
            Read($"rules: [r.yaml]\nsources: []\nsinks: {{a: {sink}}}\n").Diagnostics,
            d => d.Message.Contains(message, StringComparison.Ordinal));

    [Theory]
    [InlineData("routes: [{to: [b]}]", "There is no sink 'b'.")]
    [InlineData("routes: [{to: [a], group_wait: 5s}]", "'group_wait' is for groups, and there is no 'group_by'.")]
    [InlineData("routes: [{to: [am], group_by: [rule]}]", "An Alertmanager makes groups itself")]
    [InlineData("routes: [{to: [a], group_by: [\"a b\"]}]", "Here stand rule, severity, key.NAME")]
    [InlineData("routes: [{to: [a], escalate: {after: 5m, to: [c]}}]", "There is no sink 'c'.")]
    [InlineData("routes: [{to: [a], escalate: {to: [a]}}]", "This escalation has no 'after'.")]
    [InlineData("inhibit: [{source: \"rule == 'x'\", target: \"ruel == 'y'\"}]", "An alert has no 'ruel' to match.")]
    [InlineData("silences: [{match: \"rule == 'x'\", until: soon, why: y}]", "'soon' is neither a date")]
    [InlineData("silences: [{match: \"rule == 'x'\", until: 2027-01-31}]", "This silence has no 'why'.")]
    public void Routing_ThatIsWrong_IsReported(string text, string message) =>
        Assert.Contains(
            message, Problem("rules: [r.yaml]\nsources: []\n" + TwoSinks + text).Message, StringComparison.Ordinal);

    [Fact]
    public void Template_ThatIsNone_IsReportedWithItsPlace()
    {
        var path = Path.Combine(Path.GetTempPath(), $"cep-{Environment.ProcessId}.json");
        File.WriteAllText(path, "{\"text\":\n {{message}} }");
        try
        {
            var problem = Problem(
                $"rules: [r.yaml]\nsources: []\nsinks: {{a: {{webhook: {{url: \"http://x\", template: {path}}}}}}}\n");
            Assert.Contains(".json:2:2: what it makes of", problem.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("{metrics: public}", "'metrics' is open or token.")]
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
