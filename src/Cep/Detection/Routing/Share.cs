namespace Cep.Detection.Routing;

/// <summary>Which part of the keys is a partition's.</summary>
/// <param name="Index">The number of the partition.</param>
/// <param name="Count">How many there are.</param>
/// <param name="SweepFromKeys">With fewer keys than this nothing is let go of.</param>
internal readonly record struct Share(int Index, int Count, int SweepFromKeys);
