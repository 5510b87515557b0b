using Cep.Host.Notifying;
using Cep.Host.Web;

namespace Cep.Host.Deployments;

/// <summary>What runs: a deployment file, checked.</summary>
public sealed record Deployment
{
    public int Workers { get; init; } = 1;

    /// <summary>Files, folders and patterns.</summary>
    public required IReadOnlyList<string> Rules { get; init; }

    public required IReadOnlyList<SourceSettings> Sources { get; init; }

    public IReadOnlyList<SinkSettings> Sinks { get; init; } = [new StdoutSettings("stdout")];

    public IReadOnlyList<Route> Routes { get; init; } = [];

    /// <summary>Whether changed rule files take effect while it runs.</summary>
    public bool Reload { get; init; } = true;

    /// <summary>Where it keeps what must outlive it; null: nowhere.</summary>
    public StateSettings? State { get; init; }

    public IReadOnlyList<Inhibition> Inhibitions { get; init; } = [];

    public IReadOnlyList<Silence> Silences { get; init; } = [];

    /// <summary>Where HTTP is listened on; null: nowhere.</summary>
    public WebSettings? Web { get; init; }

    /// <summary>The file for what could not be read or delivered; not used where there is a state folder.</summary>
    public string DeadLetters { get; init; } = "dead-letters.ndjson";
}
