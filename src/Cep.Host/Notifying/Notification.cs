using Cep.Alerts;

namespace Cep.Host.Notifying;

/// <summary>An alert that is to go to sinks now; of a group, one that stands for all of it.</summary>
public readonly record struct Notification(IReadOnlyList<string> To, Alert Alert);
