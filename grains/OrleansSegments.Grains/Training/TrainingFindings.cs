using OrleansSegments.Engine.Clustering;
using OrleansSegments.Engine.Lineage;

namespace OrleansSegments.Grains.Training;

/// <summary>What the whole population says about the clusters of a finished training.</summary>
internal sealed record TrainingFindings(ClusterProfile Profile, MatrixAudit Audit, Contingency Table);
