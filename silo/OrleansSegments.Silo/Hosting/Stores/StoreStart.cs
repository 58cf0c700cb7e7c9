namespace OrleansSegments.Silo.Hosting;

/// <summary>What a command expects of the store that it opens.</summary>
internal enum StoreStart
{
    /// <summary>Whatever is there.</summary>
    AsItIs,

    /// <summary>Nothing: the command's own folder is cleared; anything else must be empty.</summary>
    FromNothing,

    /// <summary>Nothing, unless a data folder was named: that is gone on with.</summary>
    FromNothingUnlessFolderNamed,
}
