using System.Buffers;

namespace Cep.State;

/// <summary>State that goes from one object straight to another of its kind.</summary>
internal static class StateCopy
{
    /// <summary>A reader of what is saved.</summary>
    /// <param name="save">Saves it.</param>
    /// <param name="computed">As <see cref="StateReader.Computed"/>.</param>
    public static StateReader Of(Action<StateWriter> save, int[]? computed = null)
    {
        var bytes = new ArrayBufferWriter<byte>();
        save(new StateWriter(bytes));
        return new StateReader(bytes.WrittenSpan.ToArray()) { Computed = computed };
    }
}
