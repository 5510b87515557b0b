namespace Cep.Simulators.Sensors;

/// <summary>A machine with its sensor: what it is like, and the state it is in. Fixed point: hundredths.</summary>
internal struct Machine
{
    private const long MinuteMs = 60_000;

    private readonly int _baseTemperature;
    private readonly int _baseVibration;
    private readonly int _basePressure;
    private readonly long _runMs;
    private readonly long _pauseMs;
    private readonly long _phaseMs;
    private double _temperature;

    public Machine(Xoshiro256 random)
    {
        _baseTemperature = random.Between(4_500, 7_000);
        _baseVibration = random.Between(100, 400);
        _basePressure = random.Between(300, 700);
        _runMs = random.Between(25, 90) * MinuteMs;
        _pauseMs = random.Between(4, 12) * MinuteMs;
        _phaseMs = random.Between(0, 100) * MinuteMs;
        _temperature = _baseTemperature;
    }

    public int Temperature { get; private set; }

    public int Vibration { get; private set; }

    public int Pressure { get; private set; }

    public bool Running { get; private set; }

    public long LastMs { get; private set; }

    /// <summary>The healthy machine at a time; times must not go back.</summary>
    public void Advance(long timeMs, Xoshiro256 random)
    {
        var elapsed = LastMs == 0 ? MinuteMs : timeMs - LastMs;
        LastMs = timeMs;
        var inCycle = (timeMs + _phaseMs) % (_runMs + _pauseMs);
        Running = inCycle < _runMs;

        // A heavy load now and then: hot for less than a minute, which is no fault.
        var peak = Running && (timeMs + _phaseMs * 3) % (41 * MinuteMs) < 45_000 ? 2_200 : 0;
        var target = Running ? _baseTemperature : _baseTemperature - 1_500;
        var pull = Math.Min(1.0, elapsed / 180_000.0);
        _temperature += (target - _temperature) * pull;
        Temperature = (int)(_temperature + peak + random.Normal() * 40);
        Vibration = Math.Max(1, (int)((Running ? _baseVibration : 10) * (1 + random.Normal() * 0.12)));
        Pressure = (int)((Running ? _basePressure : _basePressure / 2) + random.Normal() * 6);
        if (Running && random.Chance(0.0004))
            Vibration *= 2;     // somebody walked past with a trolley
    }

    /// <summary>The machine as the fault makes it look. What is stuck is the caller's to repeat.</summary>
    public void Distort(Fault fault, Xoshiro256 random)
    {
        var sinceMs = LastMs - fault.FromMs;
        Running = true;
        switch (fault.Kind)
        {
            case FaultKind.Spike:
                Vibration = _baseVibration * random.Between(6, 10);
                Temperature += random.Between(1_500, 2_500);
                break;
            case FaultKind.Drift:
                Temperature += (int)(sinceMs * 80 / MinuteMs);
                break;
            case FaultKind.Overheating:
                var left = fault.ToMs - LastMs;
                var share = Math.Min(1.0, Math.Min(sinceMs, left) / (1.5 * MinuteMs));
                Temperature += (int)((9_400 - Temperature) * share);
                break;
        }
    }
}
