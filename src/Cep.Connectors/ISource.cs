namespace Cep.Connectors;

/// <summary>Something that events come from.</summary>
public interface ISource
{
    /// <summary>
    /// What it is and where, for people; the same in every run of a deployment, as its marks are kept under it.
    /// </summary>
    string Name { get; }

    /// <summary>The stream that gets the events.</summary>
    string Stream { get; }

    /// <summary>
    /// Reads until it is stopped, or to its end. Hands over what it reads to the <paramref name="intake"/> from any
    /// thread, several at a time where it has several peers. Bad input becomes rejected events; peers that fail are
    /// let go or tried again.
    /// </summary>
    Task RunAsync(Intake intake, CancellationToken stop);
}
