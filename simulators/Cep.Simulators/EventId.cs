namespace Cep.Simulators;

/// <summary>
/// Ids that tell nothing: ordinary events and those of incidents are numbered apart and then mixed one to one, so that
/// an incident's ids are known before the first event is made and yet look like all others.
/// </summary>
internal static class EventId
{
    private const ulong Planned = 1UL << 63;

    public static ulong Ordinary(ulong seed, long number) => SplitMix64.Mix((ulong)number ^ (seed & ~Planned));

    public static ulong OfIncident(ulong seed, long number) =>
        SplitMix64.Mix(((ulong)number ^ (seed & ~Planned)) | Planned);

    public static string Text(ulong id) => id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
