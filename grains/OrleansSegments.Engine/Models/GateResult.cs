namespace OrleansSegments.Engine.Models;

/// <summary>One quality gate's answer. The sentence is what an operator reads in the model's history.</summary>
/// <param name="Name">Stable name, for example <c>countsAddUp</c>.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Bound">What it was held against.</param>
public sealed record GateResult(string Name, double Value, double Bound, bool Passed, string Sentence);
