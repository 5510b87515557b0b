using Cep.Alerts;

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

    /// <summary>Where it keeps what must outlive it; null: nowhere.</summary>
    public StateSettings? State { get; init; }

    /// <summary>The file for what could not be read or delivered; not used where there is a state folder.</summary>
    public string DeadLetters { get; init; } = "dead-letters.ndjson";
}

/// <summary>A source of a stream's events.</summary>
public abstract record SourceSettings(string Stream);

public sealed record TcpSettings(string Stream, bool Listen, string Host, int Port) : SourceSettings(Stream);

public sealed record FileSettings(string Stream, string Path, bool Follow) : SourceSettings(Stream);

public abstract record SinkSettings(string Name);

public sealed record StdoutSettings(string Name) : SinkSettings(Name);

/// <summary>A webhook, with the key that its requests are signed with.</summary>
public sealed record WebhookSettings(string Name, Uri Url, string? Secret) : SinkSettings(Name)
{
    /// <summary>The name alone: address and secret are nobody's business.</summary>
    public override string ToString() => $"webhook {Name}";
}

/// <summary>Sends the alerts that match to sinks.</summary>
public sealed record Route(IReadOnlyList<string> To, Func<Alert, bool> Matches);
