namespace OrleansSegments.Engine.Lineage;

/// <summary>
/// Minimum-cost assignment of rows to columns by shortest augmenting paths (the Hungarian method in Jonker and Volgenant's form), O(n^3);
/// microseconds for K up to 64. Costs must be finite.
/// </summary>
public static class OptimalAssignment
{
    /// <summary>
    /// Returns the column of each row, or -1 for rows in excess of the columns. Every column is assigned to at most one row.
    /// </summary>
    public static int[] Solve(double[,] cost)
    {
        int rows = cost.GetLength(0);
        int columns = cost.GetLength(1);
        if (rows <= columns)
        {
            return SolveWide(rows, columns, (i, j) => cost[i, j]);
        }

        int[] rowOfColumn = SolveWide(columns, rows, (i, j) => cost[j, i]);
        var columnOfRow = new int[rows];
        Array.Fill(columnOfRow, -1);
        for (int column = 0; column < columns; column++)
        {
            columnOfRow[rowOfColumn[column]] = column;
        }

        return columnOfRow;
    }

    /// <summary>
    /// Requires at least as many columns as rows. Index 0 of the work arrays is a virtual start node, hence the shifts by one.
    /// </summary>
    private static int[] SolveWide(int rows, int columns, Func<int, int, double> cost)
    {
        var rowPrice = new double[rows + 1];
        var columnPrice = new double[columns + 1];
        var rowOf = new int[columns + 1];
        var cameFrom = new int[columns + 1];
        for (int row = 1; row <= rows; row++)
        {
            rowOf[0] = row;
            int end = ShortestPath(cost, rowPrice, columnPrice, rowOf, cameFrom);
            while (end != 0)
            {
                rowOf[end] = rowOf[cameFrom[end]];
                end = cameFrom[end];
            }
        }

        var columnOfRow = new int[rows];
        for (int column = 1; column <= columns; column++)
        {
            if (rowOf[column] != 0)
            {
                columnOfRow[rowOf[column] - 1] = column - 1;
            }
        }

        return columnOfRow;
    }

    private static int ShortestPath(
        Func<int, int, double> cost, double[] rowPrice, double[] columnPrice, int[] rowOf, int[] cameFrom)
    {
        int columns = columnPrice.Length - 1;
        var distance = new double[columns + 1];
        var done = new bool[columns + 1];
        Array.Fill(distance, double.PositiveInfinity);
        int current = 0;
        while (rowOf[current] != 0)
        {
            done[current] = true;
            int row = rowOf[current];
            int next = 0;
            double step = double.PositiveInfinity;
            for (int column = 1; column <= columns; column++)
            {
                if (done[column])
                {
                    continue;
                }

                double reduced = cost(row - 1, column - 1) - rowPrice[row] - columnPrice[column];
                if (reduced < distance[column])
                {
                    (distance[column], cameFrom[column]) = (reduced, current);
                }

                if (distance[column] < step)
                {
                    (step, next) = (distance[column], column);
                }
            }

            for (int column = 0; column <= columns; column++)
            {
                if (done[column])
                {
                    rowPrice[rowOf[column]] += step;
                    columnPrice[column] -= step;
                }
                else
                {
                    distance[column] -= step;
                }
            }

            current = next;
        }

        return current;
    }
}
