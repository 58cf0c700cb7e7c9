using OrleansSegments.Grains.Passes;

namespace OrleansSegments.ClusterTests.Passes;

internal sealed record NoWork : PassWork;
