namespace OrleansSegments.LocalRuntime.Activations;

/// <summary>
/// Finds the activations of one class by key: sharded open addressing over references, at most three quarters full, so that an entry
/// costs 11 to 21 bytes and the key is not stored twice. Reading takes no lock; a reader that misses an entry while it is moved asks again under the lock.
/// </summary>
internal sealed class ActivationDirectory
{
    private const int ShardBits = 6;

    // Written so that reading ahead is not taken for work without a purpose.
    private int _fetched;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, 1 << ShardBits).Select(_ => new Shard())];

    public int Count => _shards.Sum(shard => shard.Count);

    public static int ShardCount => 1 << ShardBits;

    public static int HashOf(string key) => key.GetHashCode(StringComparison.Ordinal);

    /// <summary>The activation of this key; makes one if there is none or it has ended.</summary>
    public Activation GetOrAdd(GrainClass grainClass, string key)
    {
        var hash = HashOf(key);
        var shard = ShardOf(hash);
        return shard.Find(key, hash) is { IsGone: false } found ? found : shard.GetOrAdd(grainClass, key, hash);
    }

    /// <summary>
    /// Finds several activations that are there, null for the others. Each of the loops asks the memory for something else of all of
    /// them, so that up to a dozen answers are under way at once.
    /// </summary>
    public void Find(ReadOnlySpan<string> keys, Span<Activation?> found)
    {
        Span<int> hashes = stackalloc int[keys.Length];
        for (var index = 0; index < keys.Length; index++)
        {
            hashes[index] = HashOf(keys[index]);
        }

        for (var index = 0; index < keys.Length; index++)
        {
            found[index] = ShardOf(hashes[index]).First(hashes[index]);
        }

        var fetched = 0;
        for (var index = 0; index < keys.Length; index++)
        {
            fetched ^= found[index]?.Hash ?? 0;
        }

        for (var index = 0; index < keys.Length; index++)
        {
            fetched ^= found[index]?.Key.Length ?? 0;
        }

        _fetched = fetched;
        for (var index = 0; index < keys.Length; index++)
        {
            if (found[index] is { } first && !(first.Hash == hashes[index] && first.Key == keys[index]))
            {
                found[index] = ShardOf(hashes[index]).Find(keys[index], hashes[index]);
            }
        }
    }

    public void Remove(Activation activation) => ShardOf(activation.Hash).Remove(activation);

    /// <summary>A copy of one shard, so that entries which move meanwhile are not missed. Slots may be null.</summary>
    public Activation?[] Slots(int shard) => _shards[shard].Copy();

    // The top bits pick the shard, the bottom bits the slot.
    private Shard ShardOf(int hash) => _shards[(uint)hash >> (32 - ShardBits)];

    private sealed class Shard
    {
        private const int SlotsMin = 16;

        private readonly Lock _gate = new();
        private volatile Activation?[] _slots = [];

        public int Count { get; private set; }

        public Activation?[] Copy()
        {
            lock (_gate)
            {
                return [.. _slots];
            }
        }

        /// <summary>What stands where this hash is looked for first; it may be another's.</summary>
        public Activation? First(int hash)
        {
            var slots = _slots;
            return slots.Length == 0 ? null : Volatile.Read(ref slots[hash & (slots.Length - 1)]);
        }

        public Activation? Find(string key, int hash)
        {
            var slots = _slots;
            if (slots.Length == 0)
            {
                return null;
            }

            var mask = slots.Length - 1;
            for (var index = hash & mask; Volatile.Read(ref slots[index]) is { } activation; index = (index + 1) & mask)
            {
                if (activation.Hash == hash && activation.Key == key)
                {
                    return activation;
                }
            }

            return null;
        }

        public Activation GetOrAdd(GrainClass grainClass, string key, int hash)
        {
            lock (_gate)
            {
                var found = Find(key, hash);
                if (found is { IsGone: false })
                {
                    return found;
                }

                grainClass.Silo.ThrowIfClosed();
                if (found is not null)
                {
                    RemoveUnlocked(found);
                }

                if ((Count + 1) * 4L > _slots.Length * 3L)
                {
                    Grow();
                }

                var activation = new Activation(grainClass, key, hash);
                Insert(_slots, activation);
                Count++;
                return activation;
            }
        }

        public void Remove(Activation activation)
        {
            lock (_gate)
            {
                RemoveUnlocked(activation);
            }
        }

        private static void Insert(Activation?[] slots, Activation activation)
        {
            var mask = slots.Length - 1;
            var index = activation.Hash & mask;
            while (slots[index] is not null)
            {
                index = (index + 1) & mask;
            }

            Volatile.Write(ref slots[index], activation);
        }

        private void Grow()
        {
            var larger = new Activation?[Math.Max(SlotsMin, _slots.Length * 2)];
            foreach (var activation in _slots)
            {
                if (activation is not null)
                {
                    Insert(larger, activation);
                }
            }

            _slots = larger;
        }

        /// <summary>Closes the gap by moving later entries of the run back, so that no tombstones gather.</summary>
        private void RemoveUnlocked(Activation activation)
        {
            var slots = _slots;
            var mask = slots.Length - 1;
            var gap = activation.Hash & mask;
            while (slots.Length > 0 && slots[gap] is { } other && other != activation)
            {
                gap = (gap + 1) & mask;
            }

            if (slots.Length == 0 || slots[gap] is null)
            {
                return;
            }

            for (var index = (gap + 1) & mask; slots[index] is { } next; index = (index + 1) & mask)
            {
                var isHomeBeyondGap = ((index - next.Hash) & mask) < ((index - gap) & mask);
                if (!isHomeBeyondGap)
                {
                    Volatile.Write(ref slots[gap], next);
                    gap = index;
                }
            }

            Volatile.Write(ref slots[gap], null);
            Count--;
        }
    }
}
