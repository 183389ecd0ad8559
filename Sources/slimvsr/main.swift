import Foundation
import VSRTools

exit(Program.run(Array(CommandLine.arguments.dropFirst()), console: .standard))
