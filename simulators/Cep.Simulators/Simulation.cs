using Cep.Simulators.Fraud;
using Cep.Simulators.Logins;
using Cep.Simulators.Sensors;

namespace Cep.Simulators;

/// <summary>
/// A seeded world with known ground truth. The same world, seed and options give the same bytes on every machine: the
/// random numbers and the mathematics are the simulators' own, and no clock is read.
/// </summary>
public sealed class Simulation
{
    private readonly World _world;

    private Simulation(World world) => _world = world;

    /// <summary>The names of the worlds.</summary>
    public static IReadOnlyList<string> Worlds { get; } = ["fraud", "sensors", "logins"];

    /// <summary>What really happens in this simulation, by the time it begins.</summary>
    public IReadOnlyList<Truth> Truth => _world.Truth;

    /// <exception cref="ArgumentException">There is no such world, or an option makes no sense.</exception>
    public static Simulation Create(string world, ulong seed, SimulationOptions? options = null)
    {
        options ??= new SimulationOptions();
        options.Validate();
        return new Simulation(world switch
        {
            "fraud" => new FraudWorld(seed, options),
            "sensors" => new SensorWorld(seed, options),
            "logins" => new LoginWorld(seed, options),
            _ => throw new ArgumentException(
                $"There is no world '{world}'; there are {string.Join(", ", Worlds)}.", nameof(world)),
        });
    }

    /// <summary>The events in the order of their arrival. Each enumeration makes them afresh, and the same.</summary>
    public IEnumerable<SimulatedEvent> Events() => _world.Arrivals();
}
