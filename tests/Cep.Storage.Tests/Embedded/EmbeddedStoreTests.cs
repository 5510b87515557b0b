using System.Globalization;
using Cep.Storage.Embedded;

namespace Cep.Storage.Tests.Embedded;

public sealed class EmbeddedStoreTests : StoreContract, IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void AFolder_BelongsToOneAtATime()
    {
        using (Store)
        {
            var told = Assert.Throws<StoreException>(() => EmbeddedStore.Open(_folder.Path));
            Assert.Equal(
                $"the state folder {_folder.Path} is in use by process "
                + $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}; a folder belongs to one deployment",
                told.Message);
        }

        EmbeddedStore.Open(_folder.Path).Dispose();
    }

    [Fact]
    public void Others_ReadWhatIsKept_WhileItIsWritten()
    {
        Store.Commit([new KeepRecord(RecordOf(1))]);
        using var reader = EmbeddedReader.Open(_folder.Path);
        Store.Commit([new KeepRecord(RecordOf(2))]);
        Assert.Equal(2, reader.ReadJournal(1, long.MaxValue, Unexpected).Count());
        var before = Store.OtherWrites();
        Assert.Equal(before, Store.OtherWrites());
        Store.Commit([new KeepAlert(new StoredAlert("a", 1, "r", 1, 1, "x"u8.ToArray()), ["ops"])]);
        Store.Commit([new KeepDelivery(new Delivery("ops", "a", DeliveryState.Dead, 1, 1, "refused"))]);
        Assert.Equal(before, Store.OtherWrites());
        Assert.Equal(1, reader.RetryDead(null, 1));
        Assert.NotEqual(before, Store.OtherWrites());
    }

    [Fact]
    public void StateOfANewerVersion_IsRefused()
    {
        Store.Dispose();
        using (var database = Database.Open(_folder[Tables.FileName], create: false, 100))
            database.Execute("pragma user_version = 7");
        var told = Assert.Throws<StoreException>(() => EmbeddedStore.Open(_folder.Path));
        Assert.Equal(
            $"the state in {_folder.Path} is of version 7, made by a newer program; this one reads version 1",
            told.Message);
        Assert.Throws<StoreException>(() => EmbeddedReader.Open(_folder.Path));
    }

    [Fact]
    public void AFolderWithoutState_CantBeRead()
    {
        var told = Assert.Throws<StoreException>(() => EmbeddedReader.Open(_folder.Path));
        Assert.Equal($"{_folder.Path} is no state folder: it has no cep.db", told.Message);
    }

    [Fact]
    public void AFullDisk_KeepsNothingOfACommit_AndSaysSo()
    {
        Store.Commit([new KeepRecord(RecordOf(1))]);
        Store.Dispose();
        using (var full = EmbeddedStore.Open(_folder.Path, new EmbeddedOptions { MaxPages = 30 }))
        {
            var told = Assert.Throws<StoreException>(() =>
            {
                for (var i = 2; i < 100; i++)
                    full.Commit([new KeepRecord(RecordOf(i)), new KeepPosition("p", i)]);
            });
            Assert.Contains("the disk is full", told.Message, StringComparison.Ordinal);
            Assert.Equal(full.Size().LastSequence, full.Positions()["p"]);
        }

        using var again = EmbeddedStore.Open(_folder.Path);
        Assert.Null(again.LostTail);
        Assert.Equal(again.Size().LastSequence, again.ReadJournal(1, long.MaxValue, Unexpected).Count());
    }

    protected override IStore Open() => EmbeddedStore.Open(_folder.Path);

    void IDisposable.Dispose()
    {
        Dispose();
        _folder.Dispose();
    }
}
