import Foundation
import VSRProgram

exit(Program<SlimVSR>.run(Array(CommandLine.arguments.dropFirst()), console: .standard))
