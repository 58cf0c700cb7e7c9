using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace OrleansSegments.Engine.Segments;

/// <summary>
/// The plane of the two directions in which vectors differ most, their first two principal components: it shows vectors of D values on two
/// with the least loss. The same vectors in the same order give the same plane to the bit. Immutable.
/// </summary>
/// <param name="Mean">D values: the point that is shown at (0, 0).</param>
/// <param name="X">The direction of the greatest variance.</param>
/// <param name="Y">The direction of the greatest variance across <paramref name="X"/>.</param>
public sealed record PrincipalPlane(double[] Mean, PrincipalAxis X, PrincipalAxis Y)
{
    /// <summary>Finds the plane of some vectors.</summary>
    /// <param name="vectors">At least one vector of <paramref name="dimensions"/> finite values, concatenated.</param>
    public static PrincipalPlane Of(ReadOnlySpan<float> vectors, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        if (vectors.IsEmpty || vectors.Length % dimensions != 0)
        {
            throw new ArgumentException($"Got {vectors.Length} values; a plane needs at least one vector of {dimensions}.");
        }

        double[] mean = MeanOf(vectors, dimensions);
        Matrix<double> covariance = CovarianceOf(vectors, mean);
        Evd<double> components = covariance.Evd(Symmetricity.Symmetric);
        double variance = covariance.Trace();

        // The eigenvalues are in ascending order.
        return new PrincipalPlane(mean, Axis(components, dimensions - 1, variance), Axis(components, dimensions - 2, variance));
    }

    /// <summary>The nearest point of the plane to a vector of D values.</summary>
    public (double X, double Y) Project(ReadOnlySpan<float> vector)
    {
        (double x, double y) = (0, 0);
        for (int d = 0; d < Mean.Length; d++)
        {
            double distance = vector[d] - Mean[d];
            x += distance * X.Direction[d];
            y += distance * Y.Direction[d];
        }

        return (x, y);
    }

    private static double[] MeanOf(ReadOnlySpan<float> vectors, int dimensions)
    {
        var mean = new double[dimensions];
        for (int i = 0; i < vectors.Length; i++)
        {
            mean[i % dimensions] += vectors[i];
        }

        int rows = vectors.Length / dimensions;
        return Array.ConvertAll(mean, sum => sum / rows);
    }

    private static Matrix<double> CovarianceOf(ReadOnlySpan<float> vectors, double[] mean)
    {
        int dimensions = mean.Length;
        int rows = vectors.Length / dimensions;
        var sums = new double[dimensions, dimensions];
        for (int start = 0; start < vectors.Length; start += dimensions)
        {
            for (int i = 0; i < dimensions; i++)
            {
                double distance = vectors[start + i] - mean[i];
                for (int j = 0; j <= i; j++)
                {
                    sums[i, j] += distance * (vectors[start + j] - mean[j]);
                }
            }
        }

        return Matrix<double>.Build.Dense(dimensions, dimensions, (i, j) => sums[Math.Max(i, j), Math.Min(i, j)] / rows);
    }

    private static PrincipalAxis Axis(Evd<double> components, int index, double variance)
    {
        if (index < 0)
        {
            return new PrincipalAxis(new double[components.EigenVectors.RowCount], 0);
        }

        double[] direction = components.EigenVectors.Column(index).ToArray();

        // A component has no sign of its own: the feature that it contains most of increases along the axis.
        int strongest = Array.IndexOf(direction, direction.MaxBy(Math.Abs));
        double sign = direction[strongest] < 0 ? -1 : 1;
        double share = variance > 0 ? Math.Max(0, components.EigenValues[index].Real) / variance : 0;
        return new PrincipalAxis(Array.ConvertAll(direction, value => value * sign), share);
    }
}

/// <summary>One axis of a plane.</summary>
/// <param name="Direction">D values of length 1 together; all 0 for the second axis of vectors with a single value.</param>
/// <param name="VarianceShare">Its share of the variance of all D values, 0 to 1; 0 when all vectors are equal.</param>
public sealed record PrincipalAxis(double[] Direction, double VarianceShare);
