import VSRCore

extension Blueprint {
    /// Bounds of what a file or a user may ask for.
    ///
    /// They keep every size product of a network far from integer overflow and the memory of a
    /// blueprint itself below 20 MB.
    public enum Limit {
        public static let width = 1024
        public static let blocks = 256
        /// Convolutions of the upsampler between fusion and output.
        public static let upsamplerConvolutions = 16
        /// Branches of a network: as many as the tuned kernels' fusion reads.
        public static let branches = 4
        public static let flowWidth = 512
        public static let flowLevels = 6
        /// Convolutions of a level of the flow network.
        public static let flowConvolutions = 8
        /// Side of a kernel.
        public static let kernelSize = 15
    }

    /// Checks that the blueprint describes a network: everything a file or a user can get wrong.
    ///
    /// - Throws: `invalidArgument` naming the key and the value found.
    public func validate() throws {
        do {
            try checkKeys()
        } catch let fault as InvalidSetting {
            throw VSRError(
                .invalidArgument,
                "blueprint key \(fault.key) is \(fault.found); it must be \(fault.permitted)")
        }
    }

    /// The same for those who have other names for the keys.
    ///
    /// - Throws: `InvalidSetting` with the key that it has in the model file's form:
    ///   `flow.widths`.
    public func checkKeys() throws {
        try require(scale == 2 || scale == 4, "scale", "\(scale)", "2 or 4")
        try require((1...Limit.width).contains(width), "width", "\(width)", "1...\(Limit.width)")
        try activation.validate()
        try direction.validate()
        for branch in Set(branches).union(blocks.keys).sorted() { try validate(branch) }
        try upsampler.validate(scale: scale)
        try flow.validate()
    }

    private func validate(_ branch: Branch) throws {
        let blocks = self[branch]
        guard branches.contains(branch) else {
            try require(
                blocks.isEmpty, branch.rawValue, "\(blocks.count) blocks",
                "no blocks, since the network is \(direction.name)")
            return
        }
        try require(
            blocks.count <= Limit.blocks, branch.rawValue, "\(blocks.count) blocks",
            "at most \(Limit.blocks)")
        for (index, block) in blocks.enumerated() {
            try block.validate(width: width, key: "\(branch.rawValue)[\(index)]")
        }
    }
}

extension Blueprint.Direction {
    fileprivate func validate() throws {
        let limit = Blueprint.Limit.branches
        let expected = [true, false].flatMap { isCausal in
            let count = branches.count { $0.isCausal == isCausal }
            return (0..<count).map { Blueprint.Branch(isCausal: isCausal, number: $0 + 1) }
        }
        try require(
            (1...limit).contains(branches.count) && branches == expected.sorted(), "direction",
            branches.isEmpty ? "empty" : rawValue,
            "1...\(limit) branches, those of each way through time numbered from 1: "
                + Blueprint.Branch.allCases.prefix(limit).map(\.rawValue)
                .joined(separator: ", "))
    }
}

extension Blueprint.ResidualBlock {
    fileprivate func validate(width: Int, key: String) throws {
        try validateIndices(keptInputs, below: width, key: "\(key).inputs")
        try validateIndices(keptOutputs, below: width, key: "\(key).outputs")
        try require(
            (0...Blueprint.Limit.width).contains(middleWidth), "\(key).middle", "\(middleWidth)",
            "0...\(Blueprint.Limit.width)")
        try require(
            self == canonical, key,
            "\(keptInputs.count) inputs, \(middleWidth) middle and \(keptOutputs.count) outputs",
            "no inputs where there is no middle, and neither where there are no outputs")
    }
}

extension Blueprint.Upsampler {
    fileprivate func validate(scale: Int) throws {
        let limit = Blueprint.Limit.self
        try require(
            convolutions.count <= limit.upsamplerConvolutions, "upsampler",
            "\(convolutions.count) convolutions", "at most \(limit.upsamplerConvolutions)")
        for (unit, convolution) in zip(units, convolutions) {
            try require(
                [1, 2, 4].contains(convolution.factor), "upsampler.factors",
                "\(convolution.factor)", "1, 2 or 4 for each convolution")
            try require(
                (0...limit.width).contains(convolution.width), key(unit), "\(convolution.width)",
                "0...\(limit.width)")
        }
        let shuffling = convolutions.filter { $0.factor > 1 }
        try require(
            self.scale >= scale, key(.upconvolution(shuffling.count)), "nothing",
            "a width, since scale is \(scale)")
        try require(
            self.scale <= scale, key(.upconvolution(shuffling.count - 1)),
            "\(shuffling.last?.width ?? 0)", "left out, since scale is \(scale)")
    }

    private func key(_ unit: UnitGroup.UpsamplerUnit) -> String {
        "upsampler.\(unit.role.name)"
    }
}

extension Blueprint.FlowNetwork {
    fileprivate func validate() throws {
        try require(
            (1...Blueprint.Limit.flowConvolutions).contains(kernelSizes.count), "flow.kernels",
            "\(kernelSizes.count) sizes", "1...\(Blueprint.Limit.flowConvolutions)")
        for size in kernelSizes {
            try require(
                size % 2 == 1 && (1...Blueprint.Limit.kernelSize).contains(size), "flow.kernels",
                "\(size)", "odd sizes from 1 to \(Blueprint.Limit.kernelSize)")
        }
        try require(
            widths.count == kernelSizes.count - 1, "flow.widths", "\(widths.count) widths",
            "\(kernelSizes.count - 1), one fewer than there are convolutions")
        for width in widths {
            try require(
                (1...Blueprint.Limit.flowWidth).contains(width), "flow.widths", "\(width)",
                "widths in 1...\(Blueprint.Limit.flowWidth)")
        }
        try require(
            (1...Blueprint.Limit.flowLevels).contains(levels), "flow.levels", "\(levels)",
            "1...\(Blueprint.Limit.flowLevels)")
        let largest = 1 << (Blueprint.Limit.flowLevels - levels)
        try require(
            reduction > 0 && reduction & (reduction - 1) == 0 && reduction <= largest,
            "flow.reduction", "\(reduction)",
            "a power of two, at most \(largest) with \(levels) levels: each halving takes the place "
                + "of one level")
    }
}

private func validateIndices(_ indices: [Int], below bound: Int, key: String) throws {
    var previous = -1
    for index in indices {
        try require(
            index > previous && index < bound, key, "\(index) after \(previous)",
            "ascending indices in 0..<\(bound), each once")
        previous = index
    }
}

private func require(
    _ condition: Bool, _ key: String, _ found: @autoclosure () -> String,
    _ expected: @autoclosure () -> String
) throws {
    guard !condition else { return }
    throw InvalidSetting(key, found: found(), permitted: expected())
}
