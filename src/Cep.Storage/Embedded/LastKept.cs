using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Cep.Storage.Embedded;

/// <summary>
/// The last sequence that was committed, beside the database. SQLite takes damage in its log for the log's end, without
/// a word: this tells that there was more. Written after each commit and never before, so it never claims too much.
/// </summary>
internal sealed class LastKept : IDisposable
{
    private const int Length = 12;
    private readonly SafeFileHandle _file;

    private LastKept(SafeFileHandle file, long sequence)
    {
        _file = file;
        Sequence = sequence;
    }

    /// <summary>0 where it is not known.</summary>
    public long Sequence { get; private set; }

    public static LastKept Open(string path)
    {
        var file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        Span<byte> bytes = stackalloc byte[Length];
        var known = RandomAccess.Read(file, bytes, 0) == Length
            && BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) == Checksum.Of(bytes[..8]);
        return new LastKept(file, known ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0);
    }

    public void Set(long sequence)
    {
        Span<byte> bytes = stackalloc byte[Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[8..], Checksum.Of(bytes[..8]));
        RandomAccess.Write(_file, bytes, 0);
        Sequence = sequence;
    }

    public void Dispose() => _file.Dispose();
}
