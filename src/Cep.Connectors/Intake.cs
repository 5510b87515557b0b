namespace Cep.Connectors;

/// <summary>
/// Where a source hands over what it has read, and finds how far it had come in an earlier run.
/// </summary>
/// <param name="accept">
/// Takes an arrival; waits while the engine is busy, which is how a source is slowed down. What one caller hands over
/// in order is kept in that order.
/// </param>
/// <param name="mark">The last mark that was kept for a part of the source, or null.</param>
public sealed class Intake(Func<Arrival, CancellationToken, ValueTask> accept, Func<string, byte[]?> mark)
{
    /// <summary>Hands over; when this is done the arrival is taken, but not yet kept.</summary>
    public ValueTask AcceptAsync(Arrival arrival, CancellationToken stop) => accept(arrival, stop);

    /// <summary>
    /// The last <see cref="SourceMark.Position"/> that was kept for the part, in this run or an earlier one; null
    /// where there is none.
    /// </summary>
    public byte[]? LastMark(string part) => mark(part);
}
