using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Models;

/// <summary>Whether a customer stays in a segment, lane by lane.</summary>
/// <param name="Margins">Squared distance that is left until it goes; negative where it has gone.</param>
/// <param name="Stays">A bit for every lane in which it stays for sure.</param>
/// <param name="Leaves">A bit for every lane in which it goes for sure. Lanes without either bit are too close to call.</param>
internal readonly record struct LaneVerdict(Vector256<float> Margins, uint Stays, uint Leaves);
