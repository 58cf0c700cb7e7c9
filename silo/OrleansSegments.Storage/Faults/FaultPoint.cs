namespace OrleansSegments.Storage.Faults;

/// <summary>Called at every step of a commit, on the thread that takes it. Tests throw here as a disk would, or copy the folder.</summary>
internal delegate void FaultPoint(StoreStep step);
