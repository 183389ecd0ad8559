import Foundation
import FuzzDriver
import VSRModel
import VSRPruning

exit(
    try FuzzProgram.run([
        .file("model", seed: Seeds.writeModels) { try ModelFile.read($0).validate() },
        .file("checkpoint") { try ModelImport.read($0).validate() },
        .settings("pruning", PruningSettings.self, seeds: Seeds.pruning),
        .video,
    ]))
