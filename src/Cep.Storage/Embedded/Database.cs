using SQLitePCL;

namespace Cep.Storage.Embedded;

/// <summary>A connection to an SQLite database, and its errors as messages. One thread at a time.</summary>
internal sealed class Database : IDisposable
{
    private readonly sqlite3 _handle;
    private readonly string _path;
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    private Database(sqlite3 handle, string path)
    {
        _handle = handle;
        _path = path;
    }

    /// <param name="path">The file.</param>
    /// <param name="create">Whether to make it where there is none.</param>
    /// <param name="busyMs">How long to wait while another process writes.</param>
    /// <exception cref="StoreException">It can't be opened.</exception>
    public static Database Open(string path, bool create, int busyMs)
    {
        Batteries_V2.Init();
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (create ? raw.SQLITE_OPEN_CREATE : 0);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var database = new Database(handle, path);
        if (code != raw.SQLITE_OK)
        {
            using (database)
                throw database.Failure(code);
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, busyMs);
        return database;
    }

    /// <summary>The number of rows that the last statement changed.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    /// <summary>Runs statements that give no rows.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
            throw Failure(code);
    }

    /// <summary>
    /// A statement, prepared once and reset; parameters are bound in the order of their question marks.
    /// </summary>
    public Statement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var code = raw.sqlite3_prepare_v2(_handle, sql, out var handle);
            if (code != raw.SQLITE_OK)
                throw Failure(code);
            _statements.Add(sql, statement = new Statement(handle, this));
        }

        statement.Reset();
        return statement;
    }

    /// <summary>The number that a statement of one row and one column gives; 0 where there is none.</summary>
    public long Number(string sql)
    {
        var statement = Prepare(sql);
        var value = statement.Step() ? statement.Long(0) : 0;
        statement.Reset();
        return value;
    }

    public StoreException Failure(int code)
    {
        var detail = raw.sqlite3_errmsg(_handle).utf8_to_string();
        var what = (code & 0xFF) switch
        {
            raw.SQLITE_FULL => "the disk is full",
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => "another process has kept it busy for too long",
            raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH => "it may not be written",
            raw.SQLITE_CANTOPEN => "it can't be opened",
            raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB => "it is damaged",
            raw.SQLITE_IOERR => "reading or writing failed",
            _ => "SQLite refuses",
        };
        return new StoreException($"{_path}: {what} ({detail}, {code})");
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _handle.Dispose();
    }
}
