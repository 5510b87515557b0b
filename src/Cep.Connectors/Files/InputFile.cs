using System.IO.Compression;

namespace Cep.Connectors.Files;

internal enum InputFormat
{
    Ndjson,
    Csv,
}

/// <summary>Opens recorded input: finds out whether it is gzipped, and whether it is NDJSON or CSV.</summary>
internal static class InputFile
{
    private const int SniffBytes = 4096;

    public static Stream Open(string path, out InputFormat format)
    {
        Stream stream = path == "-"
            ? Console.OpenStandardInput()
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        try
        {
            var head = Peek(ref stream);
            if (head is [0x1F, 0x8B, ..])
            {
                stream = new GZipStream(stream, CompressionMode.Decompress);
                head = Peek(ref stream);
            }

            format = FormatOf(path, head);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private static InputFormat FormatOf(string path, byte[] head)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        switch (Path.GetExtension(name).ToLowerInvariant())
        {
            case ".csv" or ".tsv":
                return InputFormat.Csv;
            case ".ndjson" or ".jsonl" or ".json":
                return InputFormat.Ndjson;
        }

        var text = head.AsSpan();
        if (text.StartsWith("\uFEFF"u8))
            text = text[3..];
        text = text.TrimStart(" \t\r\n"u8);
        return text.Length == 0 || text[0] is (byte)'{' or (byte)'[' ? InputFormat.Ndjson : InputFormat.Csv;
    }

    private static byte[] Peek(ref Stream stream)
    {
        var head = new byte[SniffBytes];
        var got = stream.Read(head, 0, head.Length);
        Array.Resize(ref head, got);
        if (stream.CanSeek)
            stream.Position = 0;
        else
            stream = new PrefixedStream(head, stream);
        return head;
    }
}
