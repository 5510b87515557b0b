using System.Globalization;

namespace Cep.Simulators.Sensors;

/// <summary>
/// Machines that report their temperature, vibration and pressure in turn. They pause, warm up, have peaks of load and
/// lose a reading now and then; some break.
/// </summary>
internal sealed class SensorWorld : World
{
    private const int MinuteMs = 60_000;
    private readonly int _devices;
    private readonly double _everyMs;
    private readonly List<Fault>?[] _faults;

    public SensorWorld(ulong seed, SimulationOptions options)
        : base(seed, options, TimeSpan.FromSeconds(2))
    {
        _devices = options.Keys ?? 500;
        _everyMs = 1000 / (options.Rate ?? 100);
        _faults = new List<Fault>?[_devices];
        var random = Random(1);
        var calendar = new IncidentCalendar(options, _devices, random);
        var truth = new List<Truth>();
        for (var i = 0; i < calendar.OfEachKind; i++)
            foreach (var kind in Enum.GetValues<FaultKind>())
                Plan(kind, LengthMs(kind, random), calendar, truth);
        Tell(truth);
    }

    private double CycleMs => _everyMs * _devices;

    protected override IEnumerable<SimulatedEvent> InTimeOrder()
    {
        var random = Random(2);
        var json = new JsonSlab();
        var name = new byte[8];
        var machines = new Machine[_devices];
        for (var i = 0; i < _devices; i++)
            machines[i] = new Machine(random);
        for (long number = 0; ; number++)
        {
            var timeMs = TimeOf(number);
            if (timeMs >= Options.EndMs)
                yield break;
            var device = (int)(number % _devices);
            if (Read(ref machines[device], device, timeMs, random))
                yield return Write(machines[device], number, device, json, name);
        }
    }

    /// <returns>False where no reading arrives.</returns>
    private bool Read(ref Machine machine, int device, long timeMs, Xoshiro256 random)
    {
        var fault = _faults[device]?.Find(f => f.Covers(timeMs));
        var lost = random.Chance(0.002);
        if (fault?.Kind == FaultKind.Stuck && machine.LastMs > 0)
            return true;
        machine.Advance(timeMs, random);
        if (fault is null)
            return !lost;
        machine.Distort(fault, random);
        return fault.Kind != FaultKind.Silent;
    }

    private SimulatedEvent Write(in Machine machine, long number, int device, JsonSlab json, byte[] name)
    {
        name[0] = (byte)'d';
        var rest = device;
        for (var i = name.Length - 1; i >= 1; i--, rest /= 10)
            name[i] = (byte)('0' + rest % 10);
        var timeMs = TimeOf(number);
        json.Begin();
        json.Integer("\"ts\":"u8, timeMs);
        json.Id("\"id\":"u8, EventId.Ordinary(Seed, number));
        json.Text("\"device\":"u8, name);
        json.Decimal("\"temperature\":"u8, machine.Temperature, 2);
        json.Decimal("\"vibration\":"u8, machine.Vibration, 2);
        json.Decimal("\"pressure\":"u8, machine.Pressure, 2);
        json.Text("\"status\":"u8, machine.Running ? "running"u8 : "idle"u8);
        return new SimulatedEvent("readings", timeMs, json.End());
    }

    private long TimeOf(long number) => Options.StartMs + (long)(number * _everyMs);

    private void Plan(FaultKind kind, long lengthMs, IncidentCalendar calendar, List<Truth> truth)
    {
        if (calendar.Take(lengthMs) is not var (device, from))
            return;
        var fault = new Fault(kind, device, from, from + lengthMs);
        (_faults[device] ??= []).Add(fault);
        var ids = new List<string>();
        var first = Math.Max(0, (long)((from - Options.StartMs) / CycleMs) - 1);
        for (var number = first * _devices + device; TimeOf(number) <= fault.ToMs; number += _devices)
            if (kind != FaultKind.Silent && fault.Covers(TimeOf(number)))
                ids.Add(EventId.Text(EventId.Ordinary(Seed, number)));
        var name = "d" + device.ToString("D7", CultureInfo.InvariantCulture);
        truth.Add(new Truth(kind.ToString().ToLowerInvariant(), "device", name, fault.FromMs, fault.ToMs, ids));
    }

    private long LengthMs(FaultKind kind, Xoshiro256 random) => kind switch
    {
        FaultKind.Spike => (long)(CycleMs * random.Between(1, 3)),
        FaultKind.Drift => random.Between(12, 20) * MinuteMs,
        FaultKind.Stuck => random.Between(5, 10) * MinuteMs,
        FaultKind.Silent => random.Between(6, 15) * MinuteMs,
        _ => random.Between(6, 12) * MinuteMs,
    };
}
