import VSRCore

/// What a network costs for one frame: multiply-accumulates of its convolutions, biases counted
/// once per output, and parameters.
///
/// The flow network is kept apart, as in the literature. Counts beyond `Int.max` stay there.
public struct Costs: Sendable, Equatable {
    /// One convolution's share; the flow network's layers for one direction.
    public struct LayerCost: Sendable, Equatable {
        public var layer: Layer
        /// The size of the layer's output for one frame.
        public var size: FrameSize
        public var macs: Int
        public var parameters: Int { layer.parameters }
    }

    /// The low-resolution frame that the counts hold for.
    public var frameSize: FrameSize

    /// All convolutions in layer order.
    public var layers: [LayerCost]

    /// How often the flow network runs per frame: 2 where branches go both ways, otherwise 1.
    public var flowDirections: Int

    /// Without the flow network.
    public var macs: Int { sum(\.macs) { !$0.layer.isFlow } }
    public var parameters: Int { sum(\.parameters) { !$0.layer.isFlow } }

    public var flowMacsPerDirection: Int { sum(\.macs) { $0.layer.isFlow } }
    public var flowMacs: Int { flowMacsPerDirection.saturatingProduct(flowDirections) }
    public var flowParameters: Int { sum(\.parameters) { $0.layer.isFlow } }

    public var macsWithFlow: Int { macs.saturatingSum(flowMacs) }
    public var parametersWithFlow: Int { parameters.saturatingSum(flowParameters) }

    /// Of one part: a trunk, the upsampler, or one level of the flow network for one direction.
    public func macs(of part: Layer.Part) -> Int { sum(\.macs) { $0.layer.part == part } }
    public func parameters(of part: Layer.Part) -> Int {
        sum(\.parameters) { $0.layer.part == part }
    }

    private func sum(_ count: KeyPath<LayerCost, Int>, _ condition: (LayerCost) -> Bool) -> Int {
        layers.reduce(0) { condition($1) ? $0.saturatingSum($1[keyPath: count]) : $0 }
    }
}

extension Blueprint {
    /// The size that published counts refer to.
    public static let referenceFrameSize = FrameSize(width: 320, height: 180)

    /// The costs for one low-resolution frame of `size`.
    public func costs(at size: FrameSize = referenceFrameSize) -> Costs {
        Costs(
            frameSize: size,
            layers: layers.map { layer in
                let output = outputSize(of: layer, at: size)
                let pixels = output.width.saturatingProduct(output.height)
                return Costs.LayerCost(
                    layer: layer, size: output, macs: layer.macsPerPixel.saturatingProduct(pixels))
            },
            flowDirections: direction.flowDirections)
    }

    /// The size of `layer`'s output for a low-resolution frame of `size`.
    public func outputSize(of layer: Layer, at size: FrameSize) -> FrameSize {
        switch layer.part {
        case .flow(let level): flow.size(ofLevel: level, at: size)
        case .trunk, .upsampler:
            FrameSize(
                width: size.width.saturatingProduct(layer.resolution),
                height: size.height.saturatingProduct(layer.resolution))
        }
    }
}

extension Blueprint.FlowNetwork {
    /// Both sides of the frames that the network works on are multiples of this.
    public static let sizeMultiple = 32

    /// The size that frames of `size` are resized to.
    public func paddedSize(for size: FrameSize) -> FrameSize {
        func padded(_ side: Int) -> Int {
            let multiple = Self.sizeMultiple
            let blocks = side / multiple + (side % multiple == 0 ? 0 : 1)
            return blocks.saturatingProduct(multiple)
        }
        return FrameSize(width: padded(size.width), height: padded(size.height))
    }

    /// The size of the flow at `level`, 0 the coarsest, for frames of `size`.
    public func size(ofLevel level: Int, at size: FrameSize) -> FrameSize {
        let padded = paddedSize(for: size)
        let halvings = levels - 1 - level + reduction.trailingZeroBitCount
        return FrameSize(width: padded.width >> halvings, height: padded.height >> halvings)
    }

    /// The sizes from which frames are reduced to the finest level's, ascending; none without
    /// reduction.
    public func sizesAboveLevels(at size: FrameSize) -> [FrameSize] {
        let padded = paddedSize(for: size)
        return (0..<reduction.trailingZeroBitCount).reversed().map {
            FrameSize(width: padded.width >> $0, height: padded.height >> $0)
        }
    }
}

extension Int {
    /// For counts, whose extremes come from sizes that a user may ask for.
    func saturatingProduct(_ other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }

    func saturatingSum(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
