using System.Runtime.Intrinsics;

namespace OrleansSegments.Engine.Models;

/// <summary>
/// Nearest and second-nearest centroid of the rows of one block, vectorised across customers: eight rows per vector, two vectors and four
/// centroids at a time, so that the work fits into ten registers. Each lane runs the operations of <see cref="CentroidSet.Distance"/> in
/// the same order, so labels and distances are bit-identical to the scalar ones. Ties go to the lowest index. A row with a non-finite value
/// gets an infinite distance.
/// </summary>
internal static unsafe class NearestKernel
{
    private const int RowsPerStep = 16;

    /// <summary>Fills the first <paramref name="rows"/> elements of the three outputs, which have room for 1,024 each.</summary>
    public static void Sweep(float* block, int rows, CentroidSet centroids, float* best, float* second, int* label)
    {
        fixed (float* quads = centroids.Quads)
        {
            int quadCount = centroids.Quads.Length / (4 * centroids.Dimensions);
            for (int row = 0; row < rows; row += RowsPerStep)
            {
                SweepStep(block + row, quads, quadCount, centroids.Dimensions, best + row, second + row, label + row);
            }
        }
    }

    private static void SweepStep(float* x, float* quads, int quadCount, int dimensions, float* best, float* second, int* label)
    {
        var low = new Nearest();
        var high = new Nearest();
        float* centroid = quads;
        for (int quad = 0; quad < quadCount; quad++)
        {
            Vector256<float> a0 = default, a1 = default, a2 = default, a3 = default;
            Vector256<float> b0 = default, b1 = default, b2 = default, b3 = default;
            float* feature = x;
            for (int d = 0; d < dimensions; d++)
            {
                Vector256<float> xa = Vector256.LoadAligned(feature);
                Vector256<float> xb = Vector256.LoadAligned(feature + 8);
                Add(ref a0, ref b0, xa, xb, centroid[0]);
                Add(ref a1, ref b1, xa, xb, centroid[1]);
                Add(ref a2, ref b2, xa, xb, centroid[2]);
                Add(ref a3, ref b3, xa, xb, centroid[3]);
                feature += FeatureMatrix.FeatureStride;
                centroid += 4;
            }

            int k = quad * 4;
            low.Offer(a0, k);
            low.Offer(a1, k + 1);
            low.Offer(a2, k + 2);
            low.Offer(a3, k + 3);
            high.Offer(b0, k);
            high.Offer(b1, k + 1);
            high.Offer(b2, k + 2);
            high.Offer(b3, k + 3);
        }

        low.Store(best, second, label);
        high.Store(best + 8, second + 8, label + 8);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector256<float> a, ref Vector256<float> b, Vector256<float> xa, Vector256<float> xb, float centroid)
    {
        Vector256<float> c = Vector256.Create(centroid);
        Vector256<float> da = xa - c;
        Vector256<float> db = xb - c;
        a += da * da;
        b += db * db;
    }

    private struct Nearest
    {
        private Vector256<float> _best = Vector256.Create(float.PositiveInfinity);
        private Vector256<float> _second = Vector256.Create(float.PositiveInfinity);
        private Vector256<int> _label = Vector256<int>.Zero;

        public Nearest()
        {
        }

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.AggressiveInlining)]
        public void Offer(Vector256<float> distance, int index)
        {
            Vector256<float> closer = Vector256.LessThan(distance, _best);
            Vector256<float> runnerUp = Vector256.ConditionalSelect(Vector256.LessThan(distance, _second), distance, _second);
            _second = Vector256.ConditionalSelect(closer, _best, runnerUp);
            _best = Vector256.ConditionalSelect(closer, distance, _best);
            _label = Vector256.ConditionalSelect(closer.AsInt32(), Vector256.Create(index), _label);
        }

        public readonly void Store(float* best, float* second, int* label)
        {
            _best.Store(best);
            _second.Store(second);
            _label.Store(label);
        }
    }
}
