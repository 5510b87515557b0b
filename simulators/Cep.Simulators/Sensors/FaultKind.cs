namespace Cep.Simulators.Sensors;

internal enum FaultKind : byte
{
    /// <summary>One to three readings far off.</summary>
    Spike,

    /// <summary>The temperature creeps up for a quarter of an hour.</summary>
    Drift,

    /// <summary>The same values again and again.</summary>
    Stuck,

    /// <summary>No readings at all.</summary>
    Silent,

    /// <summary>The machine really gets too hot, and stays so for minutes.</summary>
    Overheating,
}
