namespace Cep.Simulators.Logins;

internal static class UserAgents
{
    /// <summary>The last one is not what people use.</summary>
    public static readonly string[] All =
    [
        "Chrome/Windows", "Edge/Windows", "Firefox/Windows", "Safari/macOS", "Chrome/macOS", "Firefox/Linux",
        "App/iOS", "App/Android", "python-requests/2.32",
    ];

    public static int Tool => All.Length - 1;
}
