import Foundation
import VSRTools

WaitingThreads.shareCores()
exit(Program.run(Array(CommandLine.arguments.dropFirst()), console: .standard))
