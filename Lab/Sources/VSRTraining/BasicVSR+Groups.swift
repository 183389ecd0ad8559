import Torch
import VSRModel
import VSRNetworks

extension BasicVSR {
    /// The parameters as the optimizer's groups: the network's, and the flow network's apart.
    ///
    /// The flow network always goes by Adam; so does, with Muon, the convolution that gives the
    /// picture, as is usual for a network's last layer.
    func groups(
        rate: Double, method: OptimizerSettings.Method = .adam
    ) -> (network: Optimizer.Group, flow: Optimizer.Group) {
        let rule: Optimizer.Rule =
            switch method {
            case .adam: .adam
            case .muon: .muon(visible: Set(namedParameters { $0 == .output }.map(\.name)))
            }
        return (
            Optimizer.Group(
                name: "network", parameters: namedParameters { !$0.isFlow }, rate: rate, rule: rule),
            Optimizer.Group(name: "flow", parameters: namedParameters { $0.isFlow }, rate: rate)
        )
    }
}

extension AssembledNetwork {
    /// The clip's flows, recorded for gradients unless the flow network is frozen.
    func flows(of clip: Tensor, isFrozen: Bool) throws -> [Blueprint.Branch: Tensor] {
        isFrozen ? try withoutGradients { try flows(of: clip) } : try flows(of: clip)
    }
}

/// Runs `body` with convolutions in bfloat16 if so asked.
func autocasting<Result>(
    _ isEnabled: Bool, _ device: Device, _ body: () throws -> Result
) throws -> Result {
    isEnabled ? try withAutocast(to: .bfloat16, on: device, body) : try body()
}
