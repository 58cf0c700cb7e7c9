using System.CommandLine;
using OrleansSegments.Silo.CommandLine;
using OrleansSegments.Silo.Hosting;
using OrleansSegments.Tools.Demo;
using OrleansSegments.Tools.Exports;
using OrleansSegments.Tools.Imports;
using OrleansSegments.Tools.Load;

Command load = LoadCommand.Create();
var root = new RootCommand("OrleansSegments: what simulates, imports, exports and sends load. Every command has --help.")
{
    DemoCommand.Create(),
    ImportCommand.Create(),
    ExportCommand.Create(),
    load,
};

return await CommandRunner.RunAsync(
    root,
    args,
    command => command == root || command == load ? [] : SettingsCheck.ProblemsOf(HostBuilding.Create(isQuiet: true).Configuration));
