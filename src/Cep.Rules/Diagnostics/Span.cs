namespace Cep.Rules.Diagnostics;

/// <summary>
/// A place in a file: line and column count from 1, the length is in characters and ends with the line.
/// </summary>
public readonly record struct Span(int Line, int Column, int Length);
