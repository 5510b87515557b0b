namespace Cep.Simulators.Logins;

/// <summary>Where a user logs in from. Addresses are IPv4 as numbers.</summary>
internal readonly struct User
{
    private static readonly string[] Countries = ["DE", "FR", "GB", "US", "NL", "ES", "PL", "IT", "SE", "IN"];

    public readonly uint HomeIp;

    /// <summary>The office's, shared by hundreds, or the user's own where there is no office.</summary>
    public readonly uint WorkIp;
    public readonly byte Country;
    public readonly byte Agent;
    public readonly bool Traveller;

    /// <summary>A forgotten script that tries an old password for ever: harmless, and noisy.</summary>
    public readonly bool Script;

    public User(Xoshiro256 random)
    {
        var skewed = random.Unit();
        Country = (byte)(Countries.Length * skewed * skewed);
        Agent = (byte)random.Below(UserAgents.All.Length - 1);
        HomeIp = 0x5000_0000u + (uint)random.Below(0x0FFF_FFFF);
        WorkIp = random.Chance(0.4) ? 0xC100_0000u + Country * 256u + (uint)random.Below(3) + 10 : HomeIp;
        Traveller = random.Chance(0.02);
        Script = random.Chance(0.0005);
    }

    public static int CountryCount => Countries.Length;

    public static string CountryName(int country) => Countries[country];
}
