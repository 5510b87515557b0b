namespace Cep.Cli.Simulating;

/// <summary>Where the events of a stream of a simulation go. One thread.</summary>
internal interface ISimulationTarget : IDisposable
{
    /// <summary>Takes an event, a JSON object.</summary>
    void Write(ReadOnlySpan<byte> json);

    /// <summary>Sees to it that what was written is on its way.</summary>
    void Flush();
}

/// <summary>Lines of a file, of standard output or to a TCP peer.</summary>
internal sealed class LineTarget(Stream stream) : ISimulationTarget
{
    public void Write(ReadOnlySpan<byte> json)
    {
        stream.Write(json);
        stream.WriteByte((byte)'\n');
    }

    public void Flush() => stream.Flush();

    public void Dispose() => stream.Dispose();
}
