namespace OrleansSegments.UnitTests.Simulator;

/// <summary>Textbook k-means (Lloyd): the best of several k-means++ starts.</summary>
internal static class PlainClustering
{
    private const int Starts = 12;
    private const int RoundsMax = 60;

    public static int[] Labels(double[][] rows, int groups, int seed)
    {
        var random = new Random(seed);
        int[] best = [];
        double lowest = double.MaxValue;
        for (int start = 0; start < Starts; start++)
        {
            double[][] centres = Seed(rows, groups, random);
            int[] labels = new int[rows.Length];
            double inertia = double.MaxValue;
            for (int round = 0; round < RoundsMax; round++)
            {
                double now = Assign(rows, centres, labels);
                if (now >= inertia)
                {
                    break;
                }

                inertia = now;
                Move(rows, centres, labels);
            }

            if (inertia < lowest)
            {
                lowest = inertia;
                best = [.. labels];
            }
        }

        return best;
    }

    private static double[][] Seed(double[][] rows, int groups, Random random)
    {
        List<double[]> centres = [[.. rows[random.Next(rows.Length)]]];
        while (centres.Count < groups)
        {
            double[] nearest = [.. rows.Select(row => centres.Min(centre => Distance(row, centre)))];
            double drawn = random.NextDouble() * nearest.Sum();
            int index = 0;
            while (index < rows.Length - 1 && drawn >= nearest[index])
            {
                drawn -= nearest[index++];
            }

            centres.Add([.. rows[index]]);
        }

        return [.. centres];
    }

    private static double Assign(double[][] rows, double[][] centres, int[] labels)
    {
        double inertia = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double lowest = double.MaxValue;
            for (int c = 0; c < centres.Length; c++)
            {
                double distance = Distance(rows[i], centres[c]);
                if (distance < lowest)
                {
                    lowest = distance;
                    labels[i] = c;
                }
            }

            inertia += lowest;
        }

        return inertia;
    }

    private static void Move(double[][] rows, double[][] centres, int[] labels)
    {
        for (int c = 0; c < centres.Length; c++)
        {
            double[][] members = [.. rows.Where((_, i) => labels[i] == c)];
            for (int d = 0; d < centres[c].Length && members.Length > 0; d++)
            {
                centres[c][d] = members.Average(member => member[d]);
            }
        }
    }

    private static double Distance(double[] a, double[] b)
    {
        double sum = 0;
        for (int d = 0; d < a.Length; d++)
        {
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        }

        return sum;
    }
}
