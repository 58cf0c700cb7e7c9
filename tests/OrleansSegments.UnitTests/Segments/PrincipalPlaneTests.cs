using OrleansSegments.Engine.Segments;
using OrleansSegments.UnitTests.Clustering;
using Xunit;

namespace OrleansSegments.UnitTests.Segments;

public sealed class PrincipalPlaneTests
{
    private const double Close = 1e-6;

    [Fact]
    public void A_line_is_shown_along_x_and_nothing_is_left_for_y()
    {
        float[][] line = [.. Enumerable.Range(-5, 11).Select(step => new[] { 1 + (0.3f * step), 2, 3 - (0.4f * step) })];

        var plane = Of(line);

        AssertClose([-0.6, 0, 0.8], plane.X.Direction);
        Assert.Equal((1, 0), (Math.Round(plane.X.VarianceShare, 6), Math.Round(plane.Y.VarianceShare, 6)));
        AssertOrthonormal(plane);
        for (var step = -5; step <= 5; step++)
        {
            var (x, y) = plane.Project(line[step + 5]);
            AssertClose([-0.5 * step, 0], [x, y]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(140)]
    [InlineData(200)]
    public void The_axes_of_a_rotated_ellipse_are_found_with_their_shares(int degrees)
    {
        // Somewhere in five dimensions, long axis 3, short axis 1.
        var (sin, cos) = Math.SinCos(degrees * Math.PI / 180);
        double[] along = [0, cos, 0, sin, 0];
        double[] across = [0, -sin, 0, cos, 0];
        double[] centre = [1, -2, 3, 0.5, 0];
        float[][] ellipse = [.. Enumerable.Range(0, 360).Select(angle => angle * Math.PI / 180).Select(angle =>
            centre.Select((c, d) => (float)(c + (3 * Math.Cos(angle) * along[d]) + (Math.Sin(angle) * across[d]))).ToArray())];

        var plane = Of(ellipse);

        AssertClose(centre, plane.Mean);
        AssertClose(WithSign(along), plane.X.Direction);
        AssertClose(WithSign(across), plane.Y.Direction);
        AssertClose([0.9, 0.1], [plane.X.VarianceShare, plane.Y.VarianceShare]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void One_point_lies_at_the_origin_of_a_plane_that_explains_nothing(int copies)
    {
        var plane = Of([.. Enumerable.Repeat(new float[] { 1, -2, 0.5f }, copies)]);

        Assert.Equal((0.0, 0.0), plane.Project([1, -2, 0.5f]));
        Assert.Equal((0.0, 0.0), (plane.X.VarianceShare, plane.Y.VarianceShare));
        AssertOrthonormal(plane);
    }

    [Fact]
    public void Vectors_of_one_value_are_shown_along_x()
    {
        var plane = Of([[4], [-2], [1]]);

        Assert.Equal([1.0], plane.X.Direction);
        Assert.Equal([0.0], plane.Y.Direction);
        AssertClose([1, 0], [plane.X.VarianceShare, plane.Y.VarianceShare]);
        Assert.Equal((3.0, 0.0), plane.Project([4]));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 7)]
    [InlineData(3, 30)]
    public void No_other_direction_shows_more_of_the_variance(int seed, int columns)
    {
        float[][] rows = ClusterData.Groups(seed, 700, columns, 4);
        var plane = Of(rows);
        var random = new Random(seed);

        AssertOrthonormal(plane);
        var total = Enumerable.Range(0, columns).Sum(d => Variance(rows.Select(row => (double)row[d])));
        AssertClose([plane.X.VarianceShare], [Variance(rows.Select(row => plane.Project(row).X)) / total]);
        AssertClose([plane.Y.VarianceShare], [Variance(rows.Select(row => plane.Project(row).Y)) / total]);
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var other = new PrincipalPlane(plane.Mean, new PrincipalAxis(Unit([.. plane.X.Direction.Select(value => value + (0.2 * ClusterData.Normal(random)))]), 0), plane.Y);
            Assert.True(Variance(rows.Select(row => other.Project(row).X)) / total <= plane.X.VarianceShare + Close);
        }
    }

    [Fact]
    public void Equal_vectors_give_equal_bits_and_mirrored_ones_the_same_axes()
    {
        float[][] rows = ClusterData.Groups(4, 500, 12, 3);
        var plane = Of(rows);

        var again = Of(rows);
        var mirrored = Of([.. rows.Select(row => Array.ConvertAll(row, value => -value))]);

        Assert.Equal([plane.Mean, plane.X.Direction, plane.Y.Direction], [again.Mean, again.X.Direction, again.Y.Direction]);
        Assert.Equal((plane.X.VarianceShare, plane.Y.VarianceShare), (again.X.VarianceShare, again.Y.VarianceShare));
        AssertClose(plane.X.Direction, mirrored.X.Direction);
        AssertClose(plane.Y.Direction, mirrored.Y.Direction);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Values_that_are_no_whole_vectors_are_refused(int values) =>
        Assert.Throws<ArgumentException>(() => PrincipalPlane.Of(new float[values], 3));

    private static PrincipalPlane Of(float[][] rows) => PrincipalPlane.Of([.. rows.SelectMany(row => row)], rows[0].Length);

    private static double[] WithSign(double[] direction) =>
        direction.MaxBy(Math.Abs) < 0 ? Array.ConvertAll(direction, value => -value) : direction;

    private static double[] Unit(double[] vector) => Array.ConvertAll(vector, value => value / Math.Sqrt(vector.Sum(v => v * v)));

    private static double Variance(IEnumerable<double> values)
    {
        double[] all = [.. values];
        var mean = all.Average();
        return all.Average(value => (value - mean) * (value - mean));
    }

    private static void AssertOrthonormal(PrincipalPlane plane) => AssertClose(
        [1, 1, 0],
        [Product(plane.X, plane.X), Product(plane.Y, plane.Y), Product(plane.X, plane.Y)]);

    private static double Product(PrincipalAxis left, PrincipalAxis right) => left.Direction.Zip(right.Direction, (a, b) => a * b).Sum();

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(
            Math.Abs(pair.First - pair.Second) < Close, $"expected {string.Join(", ", expected)}; was {string.Join(", ", actual)}"));
    }
}
