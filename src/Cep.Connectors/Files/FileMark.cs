using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Cep.Connectors.Files;

/// <summary>
/// How far a file was read, and what it is known by when it has another name: its inode, and its first bytes.
/// </summary>
/// <param name="Inode">The inode, or 0.</param>
/// <param name="HeadBytes">How many of the first bytes the hash is of.</param>
/// <param name="HeadHash">Their hash.</param>
/// <param name="Offset">The bytes read (inflated ones where it is gzipped): complete lines.</param>
/// <param name="Lines">The lines read.</param>
internal sealed record FileMark(long Inode, int HeadBytes, ulong HeadHash, long Offset, long Lines)
{
    /// <summary>So many first bytes tell a file from all others, if it has as many.</summary>
    public const int FullHeadBytes = 1024;

    private const int EncodedBytes = 8 + 4 + 8 + 8 + 8;

    /// <exception cref="InvalidDataException">The bytes are no mark.</exception>
    public static FileMark? Decode(byte[]? bytes)
    {
        if (bytes is null)
            return null;
        if (bytes.Length != EncodedBytes)
            throw new InvalidDataException("the mark of a file is damaged");
        return new FileMark(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(12)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(20)),
            BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(28)));
    }

    public byte[] Encode()
    {
        var bytes = new byte[EncodedBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Inode);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), HeadBytes);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(12), HeadHash);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(20), Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(28), Lines);
        return bytes;
    }

    /// <summary>The mark of an open file of which nothing was read.</summary>
    public static FileMark Of(SafeFileHandle file) => new(FileInode.Of(file), 0, HashOf(file, 0), 0, 0);

    /// <summary>The mark further on in the same file.</summary>
    /// <param name="file">The file, for its first bytes, which never change once they were read.</param>
    /// <param name="offset">The bytes read.</param>
    /// <param name="lines">The lines read.</param>
    public FileMark At(SafeFileHandle file, long offset, long lines)
    {
        if (HeadBytes == FullHeadBytes)
            return this with { Offset = offset, Lines = lines };
        var head = (int)Math.Min(Math.Min(FullHeadBytes, offset), RandomAccess.GetLength(file));
        return new FileMark(Inode, head, HashOf(file, head), offset, lines);
    }

    /// <summary>Whether the file begins as the one marked did, as far as that is known.</summary>
    public bool BeginsLike(SafeFileHandle file) =>
        RandomAccess.GetLength(file) >= HeadBytes && HashOf(file, HeadBytes) == HeadHash;

    private static ulong HashOf(SafeFileHandle file, int count)
    {
        var head = new byte[count];
        for (var at = 0; at < count;)
        {
            var got = RandomAccess.Read(file, head.AsSpan(at), at);
            if (got == 0)
                return 0;
            at += got;
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(head));
    }
}
