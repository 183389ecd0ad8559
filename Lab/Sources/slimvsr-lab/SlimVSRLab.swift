import ArgumentParser
import VSRProgram

/// The command line's root.
struct SlimVSRLab: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slimvsr-lab",
        abstract: "Trains and compresses video super-resolution models.",
        version: ProgramVersion.text,
        subcommands: [
            Pretrain.self, Compress.self, Finetune.self, Demo.self, BenchStep.self,
        ])
}
