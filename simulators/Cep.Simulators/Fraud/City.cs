namespace Cep.Simulators.Fraud;

/// <param name="Name">The name.</param>
/// <param name="Country">ISO 3166 code.</param>
/// <param name="Latitude">In ten thousandths of a degree.</param>
/// <param name="Longitude">In ten thousandths of a degree.</param>
/// <param name="Continent">Two cities of different continents are hours of flight apart.</param>
internal sealed record City(string Name, string Country, int Latitude, int Longitude, string Continent)
{
    /// <summary>Frequent ones first; from <see cref="FirstBorderTown"/> on in pairs across a border.</summary>
    public static readonly City[] All =
    [
        new("Berlin", "DE", 525200, 134050, "EU"), new("London", "GB", 515074, -1278, "EU"),
        new("Paris", "FR", 488566, 23522, "EU"), new("New York", "US", 407128, -740060, "NA"),
        new("Madrid", "ES", 404168, -37038, "EU"), new("Munich", "DE", 481351, 115820, "EU"),
        new("Amsterdam", "NL", 523676, 49041, "EU"), new("Rome", "IT", 419028, 124964, "EU"),
        new("Chicago", "US", 418781, -876298, "NA"), new("Warsaw", "PL", 522297, 210122, "EU"),
        new("Toronto", "CA", 436532, -793832, "NA"), new("Tokyo", "JP", 356762, 1396503, "AS"),
        new("Sydney", "AU", -338688, 1512093, "OC"), new("Sao Paulo", "BR", -235505, -466333, "SA"),
        new("Lagos", "NG", 65244, 33792, "AF"), new("Seoul", "KR", 375665, 1269780, "AS"),
        new("Copenhagen", "DK", 556761, 125683, "EU"), new("Malmo", "SE", 556050, 130038, "EU"),
        new("Vienna", "AT", 482082, 163738, "EU"), new("Bratislava", "SK", 481486, 171077, "EU"),
        new("Singapore", "SG", 13521, 1038198, "AS"), new("Johor Bahru", "MY", 14927, 1037414, "AS"),
        new("San Diego", "US", 327157, -1171611, "NA"), new("Tijuana", "MX", 325149, -1170382, "NA"),
    ];

    public const int FirstBorderTown = 16;

    public byte[] CountryUtf8 { get; } = System.Text.Encoding.UTF8.GetBytes(Country);

    /// <summary>The town on the other side of the border.</summary>
    public static City Neighbour(int borderTown) => All[borderTown ^ 1];
}
