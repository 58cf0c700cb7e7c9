using OrleansSegments.Grains.Customers;
using Xunit;

namespace OrleansSegments.ClusterTests.Customers;

/// <summary>Compares the states in memory with plain arrays.</summary>
public sealed class StateMemoryTests
{
    private const int SharedBytesMax = 64 * 1024;

    [Theory]
    [InlineData(1, 400, 30_000)]
    [InlineData(2, 3_000, 10_000)]
    [InlineData(3, 3 * SharedBytesMax, 1_000)]
    public void Every_place_keeps_its_state_while_others_come_change_and_go(int seed, int bytesMax, int steps)
    {
        var random = new Random(seed);
        var memory = new StateMemory();
        var held = new (int Place, byte[] State)[300];
        Array.Fill(held, (StateMemory.NoPlace, []));
        for (int step = 0; step < steps; step++)
        {
            ref (int Place, byte[] State) customer = ref held[random.Next(held.Length)];
            byte[] state = new byte[random.Next(4) == 0 ? 0 : random.Next(bytesMax)];
            random.NextBytes(state);
            customer = (memory.Write(customer.Place, customer.State.Length, state), state);
            (int place, byte[] expected) = held[random.Next(held.Length)];
            Assert.True(memory.Read(place, expected.Length).SequenceEqual(expected), $"Another state was found in step {step} of seed {seed}.");
        }

        foreach ((int place, byte[] expected) in held)
        {
            Assert.True(memory.Read(place, expected.Length).SequenceEqual(expected));
        }
    }

    [Fact]
    public void What_is_freed_is_used_again()
    {
        var memory = new StateMemory();
        for (int round = 0; round < 1_000; round++)
        {
            int place = memory.Write(StateMemory.NoPlace, 0, new byte[SharedBytesMax]);
            Assert.InRange(memory.BytesInUse, SharedBytesMax, SharedBytesMax);
            memory.Free(place, SharedBytesMax);
        }

        Assert.Equal(0, memory.BytesInUse);
    }

    [Fact]
    public void A_state_that_grows_takes_little_more_than_its_bytes()
    {
        var memory = new StateMemory();
        int place = StateMemory.NoPlace;
        for (int length = 1; length < 2 * SharedBytesMax; length += 377)
        {
            place = memory.Write(place, length == 1 ? 0 : length - 377, new byte[length]);
            Assert.InRange(memory.BytesInUse, length, Math.Max(length + 32, length * 17L / 16 + 32));
        }
    }

    [Fact]
    public async Task Threads_do_not_get_each_others_places()
    {
        var memory = new StateMemory();
        await Task.WhenAll(Enumerable.Range(1, 4).Select(worker => Task.Run(() =>
        {
            var random = new Random(worker);
            var held = new (int Place, int Length)[200];
            Array.Fill(held, (StateMemory.NoPlace, 0));
            for (int step = 0; step < 20_000; step++)
            {
                int customer = random.Next(held.Length);
                (int place, int length) = held[customer];
                byte mark = (byte)((worker * held.Length) + customer);
                Assert.False(memory.Read(place, length).ContainsAnyExcept(mark), $"Worker {worker} found another's state in step {step}.");
                byte[] state = new byte[random.Next(1_500)];
                Array.Fill(state, mark);
                held[customer] = (memory.Write(place, length, state), state.Length);
            }
        })));
    }
}
