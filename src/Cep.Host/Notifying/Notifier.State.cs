using System.Buffers;
using Cep.Host.Deployments;
using Cep.State;

namespace Cep.Host.Notifying;

/// <summary>What a notifier keeps over a restart: groups, what was told, silences that were added.</summary>
public sealed partial class Notifier
{
    /// <summary>The section of checkpoints that holds it.</summary>
    internal const string StateSection = "notifier";

    public byte[] Save()
    {
        lock (_lock)
        {
            var bytes = new ArrayBufferWriter<byte>();
            var writer = new StateWriter(bytes);
            writer.Section("notifier", 2);
            writer.Int(_routes.Count);
            foreach (var route in _routes)
                writer.Text(route.Identity);
            _mutes.Save(writer);
            writer.Int(_groups.Count);
            foreach (var group in _groups.Values)
                group.Save(writer);
            return bytes.WrittenSpan.ToArray();
        }
    }

    /// <summary>
    /// Goes on from what was saved. Groups of a route that is another now are forgotten; what waited in them goes out
    /// by the routes of now.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are no state of a notifier.</exception>
    public void Load(byte[] state, DateTimeOffset now, ICollection<Notification> to)
    {
        var orphans = new List<NotificationGroup.Member>();
        lock (_lock)
        {
            var reader = new StateReader(state);
            reader.Section("notifier", 2);
            var identities = new string[reader.Count()];
            for (var i = 0; i < identities.Length; i++)
                identities[i] = reader.Text()!;
            _mutes.Load(reader, AlertMatch.TryCompile);
            for (var n = reader.Count(); n > 0; n--)
            {
                var group = NotificationGroup.Load(reader);
                var isSame = group.Route < _routes.Count && group.Route < identities.Length
                    && _routes[group.Route].Identity == identities[group.Route];
                if (isSame)
                    Resume(group);
                else
                    orphans.AddRange(group.Members.Where(m => m.IsFiring && m.Told is null));
            }
        }

        foreach (var orphan in orphans)
            Add(orphan.Alert, now, to);
    }

    private void Resume(NotificationGroup group)
    {
        _groups.Add(group.Key, group);
        _members += group.Members.Count;
        Enqueue(group);
    }
}
