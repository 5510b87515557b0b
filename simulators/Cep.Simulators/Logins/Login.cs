namespace Cep.Simulators.Logins;

/// <param name="TimeMs">Event time.</param>
/// <param name="Id">Its id.</param>
/// <param name="User">The user's number.</param>
/// <param name="Ip">IPv4.</param>
/// <param name="Country">Index of the country.</param>
/// <param name="Success">Whether the password, or the session shown instead of it, was good.</param>
/// <param name="Agent">Index of the agent.</param>
/// <param name="Session">The session; 0: none, as the log-in failed.</param>
internal readonly record struct Login(
    long TimeMs, ulong Id, int User, uint Ip, byte Country, bool Success, byte Agent, ulong Session);
