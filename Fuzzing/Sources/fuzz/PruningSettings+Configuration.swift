import VSRConfiguration
import VSRPruning

/// As in Lab: the keys of `selection`, which are the options of `slimvsr prune`.
extension PruningSettings: @retroactive Configuration {}
