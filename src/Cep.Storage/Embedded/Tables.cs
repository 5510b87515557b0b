namespace Cep.Storage.Embedded;

/// <summary>The tables of the database, and its version.</summary>
internal static class Tables
{
    public const string FileName = "cep.db";

    /// <summary>Raised when the tables change so that an older program would read them wrongly.</summary>
    public const int Version = 1;

    // large pages: a record of a full batch is a hundred kilobytes
    public const string Pragmas = "pragma page_size = 16384; pragma journal_mode = wal; pragma temp_store = memory;";

    public const string Create =
        """
        create table journal(
          seq integer primary key, kind text not null, stream text not null, position integer not null,
          events integer not null, kept_ms integer not null, first_ms integer not null, last_ms integer not null,
          checksum integer not null, body blob not null);
        create table positions(stream text primary key, next integer not null) without rowid;
        create table marks(
          source text not null, part text not null, position blob not null, checksum integer not null,
          primary key(source, part)) without rowid;
        create table rules(name text primary key, texts blob not null, checksum integer not null);
        create table checkpoints(
          id integer primary key, seq integer not null, rules text not null, kept_ms integer not null);
        create table sections(
          checkpoint integer not null, name text not null, length integer not null, checksum integer not null,
          primary key(checkpoint, name)) without rowid;
        create table pieces(
          checkpoint integer not null, section text not null, piece integer not null, bytes blob not null);
        create unique index pieces_in_order on pieces(checkpoint, section, piece);
        create table alerts(
          place integer primary key autoincrement, id text not null unique, seq integer not null, rule text not null,
          at_ms integer not null, kept_ms integer not null, checksum integer not null, body blob not null);
        create table deliveries(
          sink text not null, alert text not null, place integer not null, state integer not null,
          attempts integer not null, changed_ms integer not null, reason text, primary key(sink, alert)) without rowid;
        create index deliveries_open on deliveries(state, place) where state <> 1;
        create index deliveries_by_place on deliveries(place);
        create table dead_letters(
          place integer primary key autoincrement, kind text not null, stream text not null,
          position integer not null, kept_ms integer not null, reason text not null, json blob not null,
          unique(kind, stream, position));
        """;
}
