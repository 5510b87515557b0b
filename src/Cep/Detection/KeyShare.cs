namespace Cep.Detection;

/// <summary>Which of the keys a partition has.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Partitions">How many there are.</param>
/// <param name="SweepFromKeys">With fewer keys than this none is let go of.</param>
internal readonly record struct KeyShare(int Partition, int Partitions, int SweepFromKeys);
