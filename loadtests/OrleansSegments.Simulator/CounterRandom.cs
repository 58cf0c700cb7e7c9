using System.Runtime.CompilerServices;

namespace OrleansSegments.Simulator;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014) seeded from a hash of (seed, customer, index, purpose), so that any customer-day can be drawn
/// independently and the partitioning of customers does not matter. Mutable: pass it by reference.
/// </summary>
internal struct CounterRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public CounterRandom(ulong seed, int customer, long index, RandomStream stream)
    {
        ulong key = Mix(seed + Golden) ^ (((ulong)(uint)customer << 4) | (uint)stream);
        _state = Mix(Mix(key) ^ ((ulong)index * 0xD1342543DE82EF95));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next() => Mix(_state += Golden);

    /// <summary>A uniform number in [0, 1).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double NextUniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform whole number in [0, <paramref name="count"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int NextBelow(int count) => (int)(((Next() >> 32) * (ulong)count) >> 32);

    public bool NextChance(double probability) => NextUniform() < probability;

    /// <summary>A standard normal number (Box and Muller 1958, one of the pair).</summary>
    public double NextNormal()
    {
        double radius = Math.Sqrt(-2 * Math.Log(1 - NextUniform()));
        return radius * Math.Cos(2 * Math.PI * NextUniform());
    }

    /// <summary>An exponential waiting time with mean 1.</summary>
    public double NextExponential() => -Math.Log(1 - NextUniform());

    /// <summary>An index drawn by weight; <paramref name="cumulative"/> ascends to 1.</summary>
    public int NextIndex(ReadOnlySpan<double> cumulative)
    {
        double drawn = NextUniform();
        int index = 0;
        while (index < cumulative.Length - 1 && drawn >= cumulative[index])
        {
            index++;
        }

        return index;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}

/// <summary>The purpose of a random sequence: each has its own, so that one may draw more without shifting the others.</summary>
internal enum RandomStream
{
    Timeline = 1,
    Profile = 2,
    Plan = 3,
    Session = 4,
    Order = 5,
    Delivery = 6,
    Message = 7,
    Story = 8,
}

/// <summary>Converts weights to the cumulative shares that <see cref="CounterRandom.NextIndex"/> searches.</summary>
internal static class Cumulative
{
    public static double[] Of(ReadOnlySpan<double> weights)
    {
        double[] cumulative = new double[weights.Length];
        Fill(weights, cumulative);
        return cumulative;
    }

    public static void Fill(ReadOnlySpan<double> weights, Span<double> cumulative)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            sum += weights[i];
            cumulative[i] = sum;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            cumulative[i] /= sum;
        }
    }
}
