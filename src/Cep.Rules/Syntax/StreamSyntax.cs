using Cep.Events;

namespace Cep.Rules.Syntax;

/// <summary>A declared stream.</summary>
internal sealed record StreamSyntax(YamlScalar Name, StreamSchema Schema, YamlScalar? LateTo)
{
    public long OutOfOrderMs { get; init; }

    public long IdleMs { get; init; }

    public long MaxAheadMs { get; init; }

    /// <summary>False where the declaration has errors: what uses the stream is not looked at for more.</summary>
    public bool IsSound { get; init; } = true;
}
