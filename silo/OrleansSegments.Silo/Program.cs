using System.CommandLine;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

var root = new RootCommand("OrleansSegments: live customer segments. Every command has --help.")
{
    UpCommand.Create(),
    ApiCommand.Create(),
    MoveCommands.Backup(),
    MoveCommands.Restore(),
    MoveCommands.Copy(),
};

return await CommandRunner.RunAsync(
    root, args, command => command == root ? [] : SettingsCheck.ProblemsOf(HostBuilding.Create(isQuiet: true).Configuration));
