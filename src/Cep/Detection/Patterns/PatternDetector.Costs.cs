using System.Runtime.CompilerServices;

namespace Cep.Detection.Patterns;

internal sealed partial class PatternDetector
{
    /// <summary>The bytes of a key's state, without its matches.</summary>
    public static int KeyBytes => Unsafe.SizeOf<KeyState>();

    /// <summary>The bytes of a partial match that has one way on, without the events it holds.</summary>
    public static int MatchBytes => Unsafe.SizeOf<Attempt>() + Unsafe.SizeOf<Way>();
}
