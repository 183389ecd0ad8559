import VSRConfiguration
import VSRPruning

/// The keys of `selection`: the options of `slimvsr prune`.
extension PruningSettings: @retroactive Configuration {}
