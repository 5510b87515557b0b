namespace Cep.Host.Replaying;

/// <param name="Stream">The stream that gets the events.</param>
/// <param name="Path">The file, or <c>-</c> for standard input.</param>
public sealed record ReplayInput(string Stream, string Path);
