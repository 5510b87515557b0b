namespace Cep.Storage.Embedded;

/// <summary>Reads a state folder, also while a deployment writes to it.</summary>
public sealed class EmbeddedReader : IStoreReader
{
    private const int BusyMs = 10_000;

    // as many rows as are read at a time, so that a long reading keeps no old pages alive in the log
    private const int PageRows = 32;
    private const int MaxDamagedInARow = 1000;

    private readonly Database _database;

    internal EmbeddedReader(Database database) => _database = database;

    /// <summary>Opens the folder of a deployment that runs, or ran.</summary>
    /// <exception cref="StoreException">There is no state, or it is of a newer version or damaged.</exception>
    public static EmbeddedReader Open(string folder)
    {
        var path = Path.Combine(folder, Tables.FileName);
        if (!File.Exists(path))
            throw new StoreException($"{folder} is no state folder: it has no {Tables.FileName}");
        var database = Database.Open(path, create: false, BusyMs);
        try
        {
            CheckVersion(database, folder);
            return new EmbeddedReader(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    internal static void CheckVersion(Database database, string folder)
    {
        var version = database.Number("pragma user_version");
        if (version > Tables.Version)
            throw new StoreException(
                $"the state in {folder} is of version {version}, made by a newer program; this one reads version "
                + $"{Tables.Version}");
        if (version == 0)
            throw new StoreException($"{folder} holds no state: {Tables.FileName} was never filled");
    }

    public StoreSize Size()
    {
        var pages = _database.Number("pragma page_count") - _database.Number("pragma freelist_count");
        var last = Math.Max(
            _database.Number("select max(seq) from journal"), _database.Number("select max(seq) from checkpoints"));
        var first = _database.Number("select min(seq) from journal");
        return new StoreSize(pages * _database.Number("pragma page_size"), first == 0 ? last + 1 : first, last);
    }

    public IEnumerable<JournalRecord> ReadJournal(long from, long to, Func<DamagedRecord, bool> onDamage)
    {
        ArgumentNullException.ThrowIfNull(onDamage);
        var last = Math.Min(to, Size().LastSequence);
        var damaged = 0;
        for (var next = from; next <= last;)
        {
            var page = ReadPage(next, last, out var problem);
            foreach (var (record, checksum) in page)
            {
                if (record.Sequence > next)
                    Tell(onDamage, new DamagedRecord(next, $"missing, up to {record.Sequence - 1}"));
                next = record.Sequence + 1;
                if (Checksum.Of(record) == checksum)
                    yield return record;
                else
                    Tell(onDamage, new DamagedRecord(record.Sequence, "its checksum is wrong"));
            }

            damaged = page.Count > 0 ? 0 : damaged + 1;
            if (page.Count > 0)
                continue;
            Tell(onDamage, new DamagedRecord(next++, problem ?? "missing"));
            if (damaged > MaxDamagedInARow)
                throw new StoreException($"the journal can't be read from record {next - damaged} on");
        }
    }

    public long SequenceAt(long keptMs)
    {
        // the clock may have been set back now and then: near enough
        var size = Size();
        var (low, high) = (size.FirstSequence, size.LastSequence + 1);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var row = _database.Prepare("select kept_ms from journal where seq >= ? order by seq limit 1").Bind(middle);
            if (row.Step() && row.Long(0) < keptMs)
                low = middle + 1;
            else
                high = middle;
            row.Reset();
        }

        return low;
    }

    public IReadOnlyDictionary<string, long> Positions()
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        var rows = _database.Prepare("select stream, next from positions");
        while (rows.Step())
            positions.Add(rows.Text(0), rows.Long(1));
        rows.Reset();
        return positions;
    }

    public IReadOnlyDictionary<(string Source, string Part), byte[]> Marks()
    {
        var marks = new Dictionary<(string, string), byte[]>();
        var rows = _database.Prepare("select source, part, position, checksum from marks");
        while (rows.Step())
        {
            var position = rows.Blob(2);
            if (Checksum.Of(position) != rows.Long(3))
                throw new StoreException($"how far '{rows.Text(0)}' had come can't be read: its checksum is wrong");
            marks.Add((rows.Text(0), rows.Text(1)), position);
        }

        rows.Reset();
        return marks;
    }

    public IReadOnlyList<CheckpointInfo> Checkpoints()
    {
        var found = new List<CheckpointInfo>();
        var rows = _database.Prepare("select id, seq, rules, kept_ms from checkpoints order by id desc");
        while (rows.Step())
            found.Add(new CheckpointInfo(rows.Long(0), rows.Long(1), rows.Text(2), rows.Long(3), []));
        rows.Reset();
        return [.. found.Select(c => c with { Sections = Sections(c.Id) })];
    }

    public byte[]? Section(CheckpointInfo checkpoint, string name)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        if (checkpoint.Sections.FirstOrDefault(s => s.Name == name) is not { } section || section.Length > int.MaxValue)
            return null;
        var bytes = new byte[section.Length];
        var at = 0;
        var rows = _database.Prepare("select bytes from pieces where checkpoint = ? and section = ? order by piece")
            .Bind(checkpoint.Id).Bind(name);
        try
        {
            while (rows.Step())
            {
                var piece = rows.Blob(0);
                if (at + piece.Length > bytes.Length)
                    return null;
                piece.CopyTo(bytes, at);
                at += piece.Length;
            }
        }
        finally
        {
            rows.Reset();
        }

        return at == bytes.Length && Checksum.Of(bytes) == section.Check ? bytes : null;
    }

    public byte[]? Rules(string name)
    {
        var rows = _database.Prepare("select texts, checksum from rules where name = ?").Bind(name);
        var texts = rows.Step() ? rows.Blob(0) : null;
        var isWhole = texts is not null && Checksum.Of(texts) == rows.Long(1);
        rows.Reset();
        return isWhole ? texts : null;
    }

    public StoredAlert? Alert(string id)
    {
        var rows = _database.Prepare(
            "select place, id, seq, rule, at_ms, kept_ms, checksum, body from alerts where id = ?").Bind(id);
        var alert = rows.Step() ? AlertOf(rows) : null;
        rows.Reset();
        return alert;
    }

    public IEnumerable<(long Place, StoredAlert Alert)> Alerts(long fromPlace, int limit)
    {
        var rows = _database.Prepare(
            "select place, id, seq, rule, at_ms, kept_ms, checksum, body from alerts where place >= ? order by place "
            + "limit ?").Bind(fromPlace).Bind(limit);
        var found = new List<(long, StoredAlert)>();
        while (rows.Step())
            found.Add((rows.Long(0), AlertOf(rows)));
        rows.Reset();
        return found;
    }

    public IEnumerable<(long Place, Delivery Delivery)> Deliveries(DeliveryState state, long fromPlace, int limit)
    {
        var rows = _database.Prepare(
            "select place, sink, alert, state, attempts, changed_ms, reason from deliveries where state = ?1 and "
            + "place >= ?2 and place <= coalesce((select place from deliveries where state = ?1 and place >= ?2 "
            + "order by place limit 1 offset ?3), ?2 + 1000000000000) order by place, sink")
            .Bind((long)state).Bind(fromPlace).Bind(limit - 1);
        var found = new List<(long, Delivery)>();
        while (rows.Step())
            found.Add((rows.Long(0), new Delivery(
                rows.Text(1), rows.Text(2), (DeliveryState)rows.Long(3), (int)rows.Long(4), rows.Long(5),
                rows.TextOrNull(6))));
        rows.Reset();
        return found;
    }

    public IEnumerable<(long Place, DeadLetter Letter)> DeadLetters(long fromPlace, int limit)
    {
        var rows = _database.Prepare(
            "select place, kind, stream, position, kept_ms, reason, json from dead_letters where place >= ? "
            + "order by place limit ?").Bind(fromPlace).Bind(limit);
        var found = new List<(long, DeadLetter)>();
        while (rows.Step())
            found.Add((rows.Long(0), new DeadLetter(
                rows.Text(1), rows.Text(2), rows.Long(3), rows.Long(4), rows.Text(5), rows.Blob(6))));
        rows.Reset();
        return found;
    }

    public int RetryDead(string? sink, long nowMs)
    {
        _database.Prepare(
            "update deliveries set state = 0, changed_ms = ?, reason = null where state = 2 and (?2 is null or "
            + "sink = ?2)").Bind(nowMs).Bind(sink).Run();
        return _database.Changes;
    }

    public long OtherWrites() => _database.Number("pragma data_version");

    public void Dispose() => _database.Dispose();

    private static void Tell(Func<DamagedRecord, bool> onDamage, DamagedRecord damage)
    {
        if (!onDamage(damage))
            throw new StoreException($"record {damage.Sequence} of the journal can't be read: {damage.Reason}");
    }

    private static StoredAlert AlertOf(Statement row)
    {
        var body = row.Blob(7);
        if (Checksum.Of(body) != row.Long(6))
            throw new StoreException($"the alert {row.Text(1)} can't be read: its checksum is wrong");
        return new StoredAlert(row.Text(1), row.Long(2), row.Text(3), row.Long(4), row.Long(5), body);
    }

    private List<SectionInfo> Sections(long checkpoint)
    {
        var sections = new List<SectionInfo>();
        var rows = _database.Prepare("select name, length, checksum from sections where checkpoint = ?")
            .Bind(checkpoint);
        while (rows.Step())
            sections.Add(new SectionInfo(rows.Text(0), rows.Long(1), (uint)rows.Long(2)));
        rows.Reset();
        return sections;
    }

    /// <summary>The next records; where one of the first can't be read, none and the reason.</summary>
    private List<(JournalRecord Record, uint Checksum)> ReadPage(long from, long to, out string? problem)
    {
        var found = new List<(JournalRecord, uint)>();
        problem = null;
        var rows = _database.Prepare(
            "select seq, kind, stream, position, events, kept_ms, first_ms, last_ms, checksum, body from journal "
            + "where seq between ? and ? order by seq limit ?").Bind(from).Bind(to).Bind(PageRows);
        try
        {
            while (rows.Step())
                found.Add((new JournalRecord(rows.Long(0), rows.Text(1), rows.Blob(9))
                {
                    Stream = rows.Text(2),
                    FirstPosition = rows.Long(3),
                    Events = (int)rows.Long(4),
                    KeptMs = rows.Long(5),
                    FirstMs = rows.Long(6),
                    LastMs = rows.Long(7),
                }, (uint)rows.Long(8)));
        }
        catch (StoreException e)
        {
            problem = e.Message;
        }

        rows.Reset();
        return found;
    }
}
