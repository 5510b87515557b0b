using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Cep.Connectors.Files;

/// <summary>The number by which a file system knows a file whatever its name.</summary>
internal static unsafe partial class FileInode
{
    private const int CurrentFolder = -100;
    private const int OfTheHandle = 0x1000;
    private const uint InodeMask = 0x100;

    // struct statx is the same on every architecture: 256 bytes, the inode at 32
    private const int StructBytes = 256;
    private const int InodeOffset = 32;

    /// <summary>The number of an open file; 0 where it is not to be had.</summary>
    public static long Of(SafeFileHandle file)
    {
        var added = false;
        try
        {
            file.DangerousAddRef(ref added);
            return Ask((int)file.DangerousGetHandle(), "", OfTheHandle);
        }
        finally
        {
            if (added)
                file.DangerousRelease();
        }
    }

    /// <summary>The number of the file that has this path now; 0 where it is not to be had.</summary>
    public static long Of(string path) => Ask(CurrentFolder, path, 0);

    private static long Ask(int folder, string path, int flags)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var answer = stackalloc byte[StructBytes];
        try
        {
            return Statx(folder, path, flags, InodeMask, answer) == 0
                ? BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(answer + InodeOffset, sizeof(long)))
                : 0;
        }
        catch (EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte* answer);
}
