using System.CommandLine;
using OrleansSegments.BrokenSilo.Mutants;
using OrleansSegments.Silo.CommandLine;

if (args is not [var name, .. var rest] || !Mutant.All.TryGetValue(name, out Mutant? mutant))
{
    Console.Error.WriteLine("Usage: OrleansSegments.BrokenSilo MUTANT up [OPTIONS]; starts the silo with one service put in another's place.");
    foreach ((string known, Mutant breaks) in Mutant.All)
    {
        Console.Error.WriteLine($"  {known,-18}{breaks.About}");
    }

    return 2;
}

var root = new RootCommand(mutant.About) { UpCommand.Create(mutant.Replace) };
return await CommandRunner.RunAsync(root, rest);
