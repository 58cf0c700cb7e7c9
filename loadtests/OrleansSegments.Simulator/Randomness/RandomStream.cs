namespace OrleansSegments.Simulator.Randomness;

/// <summary>What a random sequence is for: each purpose has its own, so that one may draw more without shifting the others.</summary>
internal enum RandomStream
{
    Timeline = 1,
    Profile = 2,
    Plan = 3,
    Session = 4,
    Order = 5,
    Delivery = 6,
    Message = 7,
}
