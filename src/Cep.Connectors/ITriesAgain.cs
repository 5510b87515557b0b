namespace Cep.Connectors;

/// <summary>A sink that tries again what has failed.</summary>
internal interface ITriesAgain
{
    /// <summary>How often something was tried again.</summary>
    long Retries { get; }
}
