using System.Text.Json;
using OrleansSegments.Simulator;

namespace OrleansSegments.UnitTests.Simulator;

/// <summary>Counts, shares and traits directly from the events of a whole simulation, scaled by median and quartiles.</summary>
internal static class PlainFeatures
{
    private const int Columns = 27;
    private const double ClipMax = 4;
    private static readonly string[] Categories = ["fashion", "electronics", "home", "grocery", "beauty"];

    public static double[][] Of(Simulation simulation)
    {
        double[][] rows = [.. Enumerable.Range(0, simulation.Options.Customers).Select(_ => new double[Columns])];
        double[][] tallies = [.. Enumerable.Range(0, simulation.Options.Customers).Select(_ => new double[Columns])];
        foreach (SimulatedEvent simulated in simulation.Partition().Events().DistinctBy(e => e.MessageId))
        {
            using JsonDocument json = JsonDocument.Parse(simulated.Properties);
            Add(simulated, json.RootElement, rows[simulated.CustomerIndex], tallies[simulated.CustomerIndex], simulation.Options);
        }

        for (int i = 0; i < rows.Length; i++)
        {
            Finish(rows[i], tallies[i]);
        }

        for (int column = 0; column < Columns; column++)
        {
            Scale(rows, column);
        }

        return rows;
    }

    private static void Add(SimulatedEvent simulated, JsonElement payload, double[] row, double[] tally, SimulationOptions options)
    {
        row[10] = (simulated.OccurredAt - options.Start).TotalDays;
        tally[11]++;
        row[11] += simulated.OccurredAt.Hour >= 18 ? 1 : 0;
        row[12] += simulated.OccurredAt.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 1 : 0;
        using JsonDocument context = JsonDocument.Parse(simulated.Context);
        row[13] += context.RootElement.GetProperty("channel").GetString() == "mobile" ? 1 : 0;
        row[26] = context.RootElement.GetProperty("location").GetProperty("latitude").GetDouble();
        if (payload.TryGetProperty("category", out JsonElement category))
        {
            row[14 + Array.IndexOf(Categories, category.GetString())]++;
            tally[14]++;
        }

        int counted = Array.IndexOf(
            [
                EventNames.OrderCompleted, "", EventNames.ProductViewed, EventNames.ProductAdded, EventNames.ProductsSearched,
                EventNames.PromotionClicked, EventNames.ProductReviewed, EventNames.ConversationStarted, EventNames.OrderRefunded, EventNames.CouponApplied,
            ],
            simulated.Name);
        if (simulated.Type == SimulatedEventType.Identify)
        {
            AddTraits(payload, row);
        }
        else if (counted >= 0)
        {
            row[counted]++;
        }

        if (counted == 0)
        {
            row[1] += payload.GetProperty("total").GetDouble();
            row[19] += payload.GetProperty("products").GetArrayLength();
        }
    }

    private static void AddTraits(JsonElement traits, double[] row)
    {
        row[20] = traits.GetProperty("age").GetDouble();
        row[21] = traits.GetProperty("household_size").GetDouble();
        row[22] = traits.GetProperty("price_sensitivity").GetDouble();
        row[23] = traits.GetProperty("eco_interest").GetDouble();
        row[24] = traits.GetProperty("newsletter").GetBoolean() ? 1 : 0;
        row[25] = traits.GetProperty("address").GetProperty("country").GetString() == "GB" ? 1 : 0;
    }

    private static void Finish(double[] row, double[] tally)
    {
        row[9] = (row[9] + 0.5) / (row[0] + 2);
        row[8] = (row[8] + 0.1) / (row[0] + 2);
        row[19] = (row[19] + 6) / (row[0] + 2);
        for (int share = 11; share < 14; share++)
        {
            row[share] = (row[share] + 1) / (tally[11] + 3);
        }

        for (int category = 14; category < 19; category++)
        {
            row[category] = Math.Sqrt((row[category] + 0.6) / (tally[14] + 3));
        }

        for (int count = 0; count < 8; count++)
        {
            row[count] = Math.Log(1 + row[count]);
        }

        row[19] = Math.Log(row[19]);
    }

    private static void Scale(double[][] rows, int column)
    {
        double[] sorted = [.. rows.Select(row => row[column]).Order()];
        double median = sorted[sorted.Length / 2];
        double scale = (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / 1.349;
        if (scale < 1e-6)
        {
            double mean = sorted.Average();
            scale = Math.Max(1e-6, Math.Sqrt(sorted.Average(value => (value - mean) * (value - mean))));
        }

        foreach (double[] row in rows)
        {
            row[column] = Math.Clamp((row[column] - median) / scale, -ClipMax, ClipMax);
        }
    }
}
