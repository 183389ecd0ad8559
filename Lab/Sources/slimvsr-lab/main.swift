import Foundation
import VSRProgram

WaitingThreads.shareCores()
exit(Program<SlimVSRLab>.run(Array(CommandLine.arguments.dropFirst()), console: .standard))
