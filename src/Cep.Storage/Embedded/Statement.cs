using SQLitePCL;

namespace Cep.Storage.Embedded;

/// <summary>A prepared statement: bind, step, read, reset.</summary>
internal sealed class Statement(sqlite3_stmt handle, Database database) : IDisposable
{
    private int _bound;

    public Statement Bind(long value)
    {
        Check(raw.sqlite3_bind_int64(handle, ++_bound, value));
        return this;
    }

    public Statement Bind(string? value)
    {
        Check(value is null
            ? raw.sqlite3_bind_null(handle, ++_bound)
            : raw.sqlite3_bind_text(handle, ++_bound, value));
        return this;
    }

    public Statement Bind(ReadOnlySpan<byte> value)
    {
        Check(value.Length == 0
            ? raw.sqlite3_bind_zeroblob(handle, ++_bound, 0)
            : raw.sqlite3_bind_blob(handle, ++_bound, value));
        return this;
    }

    /// <summary>Goes on to the next row; false at the end.</summary>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
            return false;
        var failure = database.Failure(code);
        raw.sqlite3_reset(handle);
        throw failure;
    }

    /// <summary>Runs to the end and makes ready for the next time.</summary>
    public void Run()
    {
        while (Step())
        {
        }

        Reset();
    }

    public long Long(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string() ?? "";

    public string? TextOrNull(int column) =>
        raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL ? null : Text(column);

    public byte[] Blob(int column) => raw.sqlite3_column_blob(handle, column).ToArray();

    public void Reset()
    {
        raw.sqlite3_reset(handle);
        _bound = 0;
    }

    public void Dispose() => handle.Dispose();

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw database.Failure(code);
    }
}
