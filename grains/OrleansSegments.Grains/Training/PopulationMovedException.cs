namespace OrleansSegments.Grains.Training;

/// <summary>The customers of one step are not as many as those of the step before, or as exist; the training begins again.</summary>
internal sealed class PopulationMovedException(string message) : Exception(message);
