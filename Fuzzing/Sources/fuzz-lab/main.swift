import Foundation
import FuzzDriver
import VSRStudy
import VSRTraining

exit(
    try FuzzProgram.run([
        .settings("pretrain", Pretrain.Configuration.self),
        .settings("compress", Compress.Configuration.self),
        .settings("finetune", Finetune.Configuration.self),
        .settings("study", StudySettings.self),
    ]))
