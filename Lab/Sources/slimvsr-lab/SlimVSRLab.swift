import ArgumentParser
import VSRProgram
import VSRTraining

/// The command line's root.
struct SlimVSRLab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slimvsr-lab",
        abstract: "Trains and compresses video super-resolution models.",
        version: ProgramVersion.text,
        subcommands: [
            Train<Pretrain>.self, Train<Compress>.self, Train<Finetune>.self, Demo.self,
            Experiment.self, BenchStep.self, BenchData.self,
        ])
}
