import Foundation
import VSRTools

WaitingThreads.letSleep()
exit(Program.run(Array(CommandLine.arguments.dropFirst()), console: .standard))
