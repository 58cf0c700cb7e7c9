using System.CommandLine;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;

Command load = LoadCommand.Create();
var root = new RootCommand("OrleansSegments: live customer segments. Every command has --help.")
{
    UpCommand.Create(),
    ApiCommand.Create(),
    DemoCommand.Create(),
    ImportCommand.Create(),
    MoveCommands.Backup(),
    MoveCommands.Restore(),
    MoveCommands.Copy(),
    load,
};

return await CommandRunner.RunAsync(
    root,
    args,
    command => command == root || command == load ? [] : SettingsCheck.ProblemsOf(HostBuilding.Create(isQuiet: true).Configuration));
