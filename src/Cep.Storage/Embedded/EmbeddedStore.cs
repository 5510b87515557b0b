namespace Cep.Storage.Embedded;

/// <param name="FullSync">
/// Whether what is kept also outlives the machine's loss of power; without it only the process's end, however that
/// comes about.
/// </param>
public sealed record EmbeddedOptions(bool FullSync = true)
{
    /// <summary>How many pages the database may have; 0: as many as the disk has room for.</summary>
    internal int MaxPages { get; init; }
}

/// <summary>
/// A folder with an SQLite database (in WAL mode) and a lock: one deployment's state on the disk of its machine.
/// </summary>
public sealed class EmbeddedStore : IStore
{
    private const int BusyMs = 30_000;
    private readonly FolderLock _lock;
    private readonly Database _database;
    private readonly EmbeddedReader _reader;
    private readonly LastKept _last;
    private readonly List<string> _known = [];
    private long _sequence;

    private EmbeddedStore(FolderLock held, Database database, LastKept last)
    {
        _lock = held;
        _database = database;
        _reader = new EmbeddedReader(database);
        _last = last;
        _sequence = _reader.Size().LastSequence;
        if (last.Sequence > _sequence)
        {
            LostTail = new DamagedRecord(_sequence + 1, $"lost from the end of the log, up to {last.Sequence}");
            last.Set(_sequence);
        }
    }

    public DamagedRecord? LostTail { get; }

    /// <summary>Opens the folder, which is made where there is none.</summary>
    /// <exception cref="StoreException">The folder is in use, may not be written, is damaged or of a newer
    /// version.</exception>
    public static EmbeddedStore Open(string folder, EmbeddedOptions? options = null)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the state folder {folder} can't be made: {e.Message}", e);
        }

        var opened = new Stack<IDisposable>();
        try
        {
            var held = FolderLock.Take(folder);
            opened.Push(held);
            var database = Database.Open(Path.Combine(folder, Tables.FileName), create: true, BusyMs);
            opened.Push(database);
            Prepare(database, folder, options ?? new EmbeddedOptions());
            var last = LastKept.Open(Path.Combine(folder, "last"));
            opened.Push(last);
            return new EmbeddedStore(held, database, last);
        }
        catch
        {
            while (opened.TryPop(out var part))
                part.Dispose();
            throw;
        }
    }

    public IReadOnlyList<string> Commit(IReadOnlyList<StoreWrite> writes)
    {
        ArgumentNullException.ThrowIfNull(writes);
        var sequence = _sequence;
        _known.Clear();
        _database.Execute("begin immediate");
        try
        {
            foreach (var write in writes)
                Keep(write, ref sequence);
            _database.Execute("commit");
        }
        catch
        {
            Abandon();
            throw;
        }

        if (sequence > _sequence)
            _last.Set(sequence);
        _sequence = sequence;
        return _known.Count == 0 ? [] : [.. _known];
    }

    public StoreSize Size() => _reader.Size();

    public IEnumerable<JournalRecord> ReadJournal(long from, long to, Func<DamagedRecord, bool> onDamage) =>
        _reader.ReadJournal(from, to, onDamage);

    public long SequenceAt(long keptMs) => _reader.SequenceAt(keptMs);

    public IReadOnlyDictionary<string, long> Positions() => _reader.Positions();

    public IReadOnlyDictionary<(string Source, string Part), byte[]> Marks() => _reader.Marks();

    public IReadOnlyList<CheckpointInfo> Checkpoints() => _reader.Checkpoints();

    public byte[]? Section(CheckpointInfo checkpoint, string name) => _reader.Section(checkpoint, name);

    public byte[]? Rules(string name) => _reader.Rules(name);

    public StoredAlert? Alert(string id) => _reader.Alert(id);

    public IEnumerable<(long Place, StoredAlert Alert)> Alerts(long fromPlace, int limit) =>
        _reader.Alerts(fromPlace, limit);

    public IEnumerable<(long Place, Delivery Delivery)> Deliveries(DeliveryState state, long fromPlace, int limit) =>
        _reader.Deliveries(state, fromPlace, limit);

    public IEnumerable<(long Place, DeadLetter Letter)> DeadLetters(long fromPlace, int limit) =>
        _reader.DeadLetters(fromPlace, limit);

    public int RetryDead(string? sink, long nowMs) => _reader.RetryDead(sink, nowMs);

    public long OtherWrites() => _reader.OtherWrites();

    public void Dispose()
    {
        _database.Dispose();
        _last.Dispose();
        _lock.Dispose();
    }

    private static void Prepare(Database database, string folder, EmbeddedOptions options)
    {
        if (database.Number("pragma user_version") == 0
            && database.Number("select count(*) from sqlite_master") == 0)
        {
            database.Execute(Tables.Pragmas);
            database.Execute(
                $"begin immediate; {Tables.Create} pragma user_version = {Tables.Version}; commit");
        }

        EmbeddedReader.CheckVersion(database, folder);
        database.Execute(options.FullSync ? "pragma synchronous = full" : "pragma synchronous = normal");
        if (options.MaxPages > 0)
            database.Execute($"pragma max_page_count = {options.MaxPages}");

        // pieces of a checkpoint that was never completed
        database.Execute("delete from pieces where checkpoint not in (select id from checkpoints)");
    }

    private void Abandon()
    {
        try
        {
            _database.Execute("rollback");
        }
        catch (StoreException)
        {
            // SQLite has rolled it back by itself
        }
    }

    private void Keep(StoreWrite write, ref long sequence)
    {
        switch (write)
        {
            case KeepRecord { Record: var record }:
                if (record.Sequence != ++sequence)
                    throw new InvalidOperationException(
                        $"The journal goes on with record {sequence}, not {record.Sequence}.");
                Append(record);
                break;
            case KeepPosition position:
                _database.Prepare("replace into positions values(?, ?)").Bind(position.Stream).Bind(position.Next)
                    .Run();
                break;
            case KeepMark mark:
                _database.Prepare("replace into marks values(?, ?, ?, ?)").Bind(mark.Source).Bind(mark.Part)
                    .Bind(mark.Position.Span).Bind(Checksum.Of(mark.Position.Span)).Run();
                break;
            case KeepAlert alert:
                Add(alert);
                break;
            case KeepDelivery { Delivery: var delivery }:
                _database.Prepare(
                    "update deliveries set state = ?, attempts = ?, changed_ms = ?, reason = ? where sink = ? and "
                    + "alert = ?").Bind((long)delivery.State).Bind(delivery.Attempts).Bind(delivery.ChangedMs)
                    .Bind(delivery.Reason).Bind(delivery.Sink).Bind(delivery.AlertId).Run();
                break;
            case KeepDeadLetter { Letter: var letter }:
                _database.Prepare(
                    "insert or ignore into dead_letters(kind, stream, position, kept_ms, reason, json) "
                    + "values(?, ?, ?, ?, ?, ?)").Bind(letter.Kind).Bind(letter.Stream).Bind(letter.Position)
                    .Bind(letter.KeptMs).Bind(letter.Reason).Bind(letter.Json.Span).Run();
                break;
            case KeepRules rules:
                _database.Prepare("replace into rules values(?, ?, ?)").Bind(rules.Name).Bind(rules.Texts.Span)
                    .Bind(Checksum.Of(rules.Texts.Span)).Run();
                break;
            case KeepPiece piece:
                _database.Prepare("insert into pieces values(?, ?, ?, ?)").Bind(piece.Checkpoint).Bind(piece.Section)
                    .Bind(piece.Index).Bind(piece.Bytes.Span).Run();
                break;
            case KeepCheckpoint { Info: var info }:
                Complete(info);
                break;
            case LetGo letGo:
                Remove(letGo);
                break;
            default:
                throw new InvalidOperationException($"{write.GetType().Name} can't be kept.");
        }
    }

    private void Append(JournalRecord record) =>
        _database.Prepare("insert into journal values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").Bind(record.Sequence)
            .Bind(record.Kind).Bind(record.Stream).Bind(record.FirstPosition).Bind(record.Events).Bind(record.KeptMs)
            .Bind(record.FirstMs).Bind(record.LastMs).Bind(Checksum.Of(record)).Bind(record.Body.Span).Run();

    private void Add(KeepAlert keep)
    {
        var alert = keep.Alert;
        _database.Prepare(
            "insert or ignore into alerts(id, seq, rule, at_ms, kept_ms, checksum, body) values(?, ?, ?, ?, ?, ?, ?)")
            .Bind(alert.Id).Bind(alert.Sequence).Bind(alert.Rule).Bind(alert.AtMs).Bind(alert.KeptMs)
            .Bind(Checksum.Of(alert.Body.Span)).Bind(alert.Body.Span).Run();
        if (_database.Changes == 0)
        {
            _known.Add(alert.Id);
            return;
        }

        foreach (var sink in keep.Sinks)
            _database.Prepare(
                "insert or ignore into deliveries select ?, id, place, 0, 0, kept_ms, null from alerts where id = ?")
                .Bind(sink).Bind(alert.Id).Run();
    }

    private void Complete(CheckpointInfo info)
    {
        foreach (var section in info.Sections)
            _database.Prepare("insert into sections values(?, ?, ?, ?)").Bind(info.Id).Bind(section.Name)
                .Bind(section.Length).Bind(section.Check).Run();
        _database.Prepare("insert into checkpoints values(?, ?, ?, ?)").Bind(info.Id).Bind(info.Sequence)
            .Bind(info.Rules).Bind(info.KeptMs).Run();
    }

    private void Remove(LetGo letGo)
    {
        var kept = string.Join(", ", letGo.Checkpoints);
        _database.Execute($"delete from checkpoints where id not in ({kept})");
        _database.Execute("delete from sections where checkpoint not in (select id from checkpoints)");
        _database.Prepare(
            "delete from pieces where rowid in (select rowid from pieces where checkpoint < ? and checkpoint not in "
            + "(select id from checkpoints) limit ?)").Bind(letGo.Checkpoints.DefaultIfEmpty(0).Max())
            .Bind(letGo.MaxRows).Run();

        // the last record stays: the journal goes on after it
        _database.Prepare(
            "delete from journal where seq in (select seq from journal where seq < min(?, (select max(seq) from "
            + "journal)) order by seq limit ?)")
            .Bind(letGo.BeforeSequence).Bind(letGo.MaxRows).Run();

        // what a replay could raise again must stay known
        _database.Prepare(
            "delete from alerts where place in (select place from alerts a where seq < ? and kept_ms < ? and not "
            + "exists (select 1 from deliveries d where d.place = a.place and d.state = 0) order by place limit ?)")
            .Bind(letGo.BeforeSequence).Bind(letGo.BeforeMs).Bind(letGo.MaxRows).Run();
        _database.Prepare(
            "delete from deliveries where (sink, alert) in (select sink, alert from deliveries where place < (select "
            + "coalesce(min(place), 0) from alerts) order by place limit ?)").Bind(letGo.MaxRows).Run();
        _database.Prepare(
            "delete from dead_letters where place in (select place from dead_letters where kept_ms < ? or place <= "
            + "(select max(place) from dead_letters) - ? order by place limit ?)").Bind(letGo.BeforeMs)
            .Bind(letGo.MaxLetters).Bind(letGo.MaxRows).Run();
    }
}
