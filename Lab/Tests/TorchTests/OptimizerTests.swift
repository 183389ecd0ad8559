import Foundation
import Testing
import Torch
import VSRCore

/// What `scripts/reference/torch_optimizer.py` recorded.
private struct Trajectory: Decodable {
    struct Snapshot: Decodable {
        var parameters: [String: [Float]]
        var averages: [String: [Float]]
    }
    var shapes: [String: [Int]]
    var start: [String: [Float]]
    var targets: [String: [Float]]
    var scales: [String: [Float]]
    var rates: [[Double]]
    var snapshots: [Snapshot]

    func tensors(_ values: [String: [Float]]) throws -> [String: Tensor] {
        try Dictionary(
            uniqueKeysWithValues: values.map { ($0, try Tensor($1, shape: shapes[$0])) })
    }
}

/// The run of that script: Adam on two groups, cosine rates, a weight average.
private final class Run {
    static let initialRates = [2e-2, 2e-2 * 0.125]
    let schedule = RateSchedule.cosine(final: 1e-7, iterations: 60)
    let parameters: [String: Tensor]
    let targets: [String: Tensor]
    let scales: [String: Tensor]
    let adam: Optimizer
    let average: WeightAverage

    init(_ trajectory: Trajectory) throws {
        parameters = try trajectory.tensors(trajectory.start)
        targets = try trajectory.tensors(trajectory.targets)
        scales = try trajectory.tensors(trajectory.scales)
        for parameter in parameters.values { try parameter.requireGradient() }
        let named = parameters.map { NamedTensor($0, $1) }.sorted { $0.name < $1.name }
        adam = try Optimizer(groups: [
            .init(name: "trunk", parameters: named.filter { $0.name != "flow.weight" }, rate: 0),
            .init(
                name: "flow", parameters: named.filter { $0.name == "flow.weight" }, rate: 0,
                weightDecay: 1e-2),
        ])
        average = try WeightAverage(of: named, decay: 0.9)
    }

    func step(_ iteration: Int) throws {
        for (index, initial) in Run.initialRates.enumerated() {
            adam.setRate(schedule.rate(initial: initial, iteration: iteration), ofGroup: index)
        }
        try adam.dropGradients()
        for (name, parameter) in parameters where name != "rare" || iteration % 2 == 0 {
            let target = try #require(targets[name])
            let scale = try #require(scales[name])
            try (scale * (parameter - target).square()).sum().backward()
        }
        try adam.step()
        try average.update()
    }
}

/// What the same script recorded of Muon.
private struct MuonTrajectory: Decodable {
    var shapes: [String: [Int]]
    var start: [String: [Float]]
    var targets: [String: [Float]]
    var scales: [String: [Float]]
    var snapshots: [[String: [Float]]]
}

/// The run of that script: Muon on three convolutions' weights, weight decay, one constant rate.
private final class MuonRun {
    let optimizer: Optimizer
    let parameters: [NamedTensor]
    private let targets: [Tensor]
    private let scales: [Tensor]

    init(_ trajectory: MuonTrajectory) throws {
        func tensors(_ values: [String: [Float]]) throws -> [Tensor] {
            try values.sorted { $0.key < $1.key }
                .map { try Tensor($0.value, shape: trajectory.shapes[$0.key]) }
        }
        parameters = zip(trajectory.start.keys.sorted(), try tensors(trajectory.start))
            .map { NamedTensor($0, $1) }
        for parameter in parameters { try parameter.tensor.requireGradient() }
        targets = try tensors(trajectory.targets)
        scales = try tensors(trajectory.scales)
        optimizer = try Optimizer(groups: [
            .init(
                name: "all", parameters: parameters, rate: 2e-2, weightDecay: 1e-2, rule: .muon())
        ])
    }

    func step(_ iteration: Int) throws {
        try optimizer.dropGradients()
        for (index, parameter) in parameters.enumerated()
        where parameter.name != "rare" || iteration.isMultiple(of: 2) {
            let difference = try parameter.tensor - targets[index]
            try (scales[index] * difference.square()).sum().backward()
        }
        try optimizer.step()
    }
}

@Suite struct OptimizerTests {
    /// Parameters and averages, whole, after every tenth step.
    ///
    /// Values stay below 4 (one ulp: 2.4·10⁻⁷). A step adds at most one rounding of the value, half
    /// an ulp, and 10 ulps of an update below 0.04; after 60 steps that is under 10⁻⁵. Steps
    /// contract such differences, so that is a bound and not a typical value.
    @Test(arguments: ["default", "fused"])
    func trajectoriesArePyTorchs(of kind: String) throws {
        let trajectory = try #require(
            try fixture("optimizer", as: [String: Trajectory].self)[kind])
        try onTorch {
            let run = try Run(trajectory)
            for iteration in 0..<60 {
                try run.step(iteration)
                guard iteration % 10 == 9 else { continue }
                let expected = trajectory.snapshots[iteration / 10]
                for (name, parameter) in run.parameters {
                    expectClose(
                        try parameter.floats(), try #require(expected.parameters[name]),
                        within: 1e-5, "\(name) after \(iteration + 1)")
                }
                for average in run.average.averages {
                    expectClose(
                        try average.tensor.floats(),
                        try #require(expected.averages[average.name]), within: 1e-5,
                        "average of \(average.name) after \(iteration + 1)")
                }
            }
        }
    }

    /// Whole matrices after every tenth step, beside PyTorch's in double precision.
    ///
    /// The five Newton–Schulz steps enlarge a small error in a small singular value by up to
    /// 3.4445⁵ = 485. Rounding the matrix and its norm gives errors of up to 4 · 6·10⁻⁸ of the
    /// norm, so an entry of the orthogonal matrix is off by at most 1.2·10⁻⁴, and a step, which
    /// multiplies by 0.02 · 0.2 · √27, moves a weight by at most 2.5·10⁻⁶ too much or too little:
    /// 1.5·10⁻⁴ after 60. In PyTorch, a momentum of 0.9, no Nesterov momentum, no weight decay or four
    /// Newton–Schulz steps move some weight by 0.006 and more.
    @Test func muonsTrajectoriesArePyTorchs() throws {
        let trajectory = try fixture("muon", as: MuonTrajectory.self)
        try onTorch {
            let run = try MuonRun(trajectory)
            for iteration in 0..<60 {
                try run.step(iteration)
                guard iteration % 10 == 9 else { continue }
                for parameter in run.parameters {
                    let expected = try #require(
                        trajectory.snapshots[iteration / 10][parameter.name])
                    expectClose(
                        try parameter.tensor.floats(), expected, within: 1.5e-4,
                        "\(parameter.name) after \(iteration + 1)")
                }
            }
        }
    }

    @Test func muonsRestoredStateContinuesBitForBit() throws {
        let trajectory = try fixture("muon", as: MuonTrajectory.self)
        try onTorch {
            let whole = try MuonRun(trajectory)
            let before = try MuonRun(trajectory)
            for iteration in 0..<7 {
                try whole.step(iteration)
                try before.step(iteration)
            }
            let after = try MuonRun(trajectory)
            for (new, old) in zip(after.parameters, before.parameters) {
                try new.tensor.assign(old.tensor)
            }
            try after.optimizer.restore(throughBytes(before.optimizer.state))
            for iteration in 7..<20 {
                try whole.step(iteration)
                try after.step(iteration)
            }
            for (one, two) in zip(whole.parameters, after.parameters) {
                #expect(try one.tensor.bytes() == two.tensor.bytes(), "\(one.name)")
            }
        }
    }

    /// Vectors, and matrices that are named, go by Adam, with Adam's state.
    @Test func muonLeavesVectorsAndVisibleLayersToAdam() throws {
        try onTorch {
            func parameters() throws -> [NamedTensor] {
                try [("hidden", [2, 2, 1, 1]), ("last", [2, 2, 1, 1]), ("bias", [4])].map {
                    NamedTensor(
                        $0, try Tensor([1, 2, 3, 5] as [Float], shape: $1).requireGradient())
                }
            }
            let mixed = try parameters()
            let plain = try parameters()
            let muon = try Optimizer(groups: [
                .init(name: "", parameters: mixed, rate: 0.1, rule: .muon(visible: ["last"]))
            ])
            let adam = try Optimizer(groups: [.init(name: "", parameters: plain, rate: 0.1)])
            for parameter in mixed + plain { try parameter.tensor.square().sum().backward() }
            try muon.step()
            try adam.step()
            #expect(try mixed[0].tensor.floats() != plain[0].tensor.floats())
            #expect(try mixed[1].tensor.floats() == plain[1].tensor.floats())
            #expect(try mixed[2].tensor.floats() == plain[2].tensor.floats())
            #expect(
                muon.state.map(\.name)
                    == ["last", "bias"].flatMap { name in
                        ["exp_avg", "exp_avg_sq", "step"].map { "\(name).\($0)" }
                    } + ["hidden.momentum"])
        }
    }

    @Test func aMomentumOutOfRangeIsRefused() throws {
        try onTorch {
            let group = Optimizer.Group(
                name: "", parameters: [], rate: 1, rule: .muon(momentum: 1))
            #expect {
                try Optimizer(groups: [group])
            } throws: {
                ($0 as? VSRError)?.code == .invalidArgument && "\($0)".contains("momentum")
            }
        }
    }

    /// PyTorch multiplies its way along the cosine; 60 roundings of 10⁻¹⁶ relative.
    @Test func cosineRatesArePyTorchs() throws {
        let trajectory = try #require(
            try fixture("optimizer", as: [String: Trajectory].self)["default"])
        let schedule = RateSchedule.cosine(final: 1e-7, iterations: 60)
        #expect(trajectory.rates.count == 60)
        for (iteration, rates) in trajectory.rates.enumerated() {
            for (initial, rate) in zip(Run.initialRates, rates) {
                let own = schedule.rate(initial: initial, iteration: iteration)
                #expect(abs(own - rate) <= 1e-14 * initial)
            }
        }
    }

    @Test func cosineEndsAtItsFinalRateAndStays() {
        let schedule = RateSchedule.cosine(final: 1e-7, iterations: 10)
        #expect(schedule.rate(initial: 2e-4, iteration: 0) == 2e-4)
        #expect(schedule.rate(initial: 2e-4, iteration: 10) == 1e-7)
        #expect(schedule.rate(initial: 2e-4, iteration: 99) == 1e-7)
        #expect(RateSchedule.constant.rate(initial: 2e-4, iteration: 99) == 2e-4)
    }

    @Test func restoredStateContinuesBitForBit() throws {
        let trajectory = try #require(
            try fixture("optimizer", as: [String: Trajectory].self)["fused"])
        try onTorch {
            let whole = try Run(trajectory)
            for iteration in 0..<20 { try whole.step(iteration) }

            let before = try Run(trajectory)
            for iteration in 0..<7 { try before.step(iteration) }
            let after = try Run(trajectory)
            for (name, parameter) in after.parameters {
                try parameter.assign(try #require(before.parameters[name]))
            }
            try after.adam.restore(throughBytes(before.adam.state))
            try after.average.restore(throughBytes(before.average.averages))
            for iteration in 7..<20 { try after.step(iteration) }

            for (name, parameter) in whole.parameters {
                #expect(try parameter.bytes() == after.parameters[name]?.bytes())
            }
            for (one, two) in zip(whole.adam.state, after.adam.state) {
                #expect(try one.tensor.bytes() == two.tensor.bytes(), "\(one.name)")
            }
            for (one, two) in zip(whole.average.averages, after.average.averages) {
                #expect(try one.tensor.bytes() == two.tensor.bytes(), "\(one.name)")
            }
        }
    }

    @Test func aStateThatDoesNotFitIsNamedAndChangesNothing() throws {
        let trajectory = try #require(
            try fixture("optimizer", as: [String: Trajectory].self)["fused"])
        try onTorch {
            let run = try Run(trajectory)
            try run.step(0)
            let saved = try throughBytes(run.adam.state)
            var state = saved
            state["rare.exp_avg_sq"] = try Tensor.zeros([5])
            #expect { try run.adam.restore(state) } throws: {
                ($0 as? VSRError)?.code == .shapeMismatch && "\($0)".contains("rare.exp_avg_sq")
            }
            state["rare.exp_avg_sq"] = nil
            #expect { try run.adam.restore(state) } throws: {
                ($0 as? VSRError)?.code == .notFound && "\($0)".contains("rare.exp_avg_sq")
            }
            for entry in run.adam.state {
                #expect(try entry.tensor.bytes() == saved[entry.name]?.bytes())
            }
        }
    }

    @Test func gradientsThatAreNotFiniteAreSeen() throws {
        try onTorch {
            let a = try Tensor([1, 2] as [Float]).requireGradient()
            let b = try Tensor([0, 3] as [Float]).requireGradient()
            let unused = try Tensor([1] as [Float]).requireGradient()
            let adam = try Optimizer(groups: [
                .init(
                    name: "all",
                    parameters: [.init("a", a), .init("b", b), .init("unused", unused)], rate: 1)
            ])
            #expect(try adam.gradientsAreFinite())
            try (a * 1e30).sum().backward()
            #expect(try adam.gradientsAreFinite())
            try b.sqrt().sum().backward()
            #expect(try adam.gradientsAreFinite() == false)
            #expect(try [a, unused].gradientsAreFinite())
            try adam.dropGradients()
            #expect(b.gradient == nil)
        }
    }

    @Test func aNameGivenTwiceIsRefused() throws {
        try onTorch {
            let parameter = NamedTensor("w", try Tensor.zeros([1]))
            let group = Optimizer.Group(name: "one", parameters: [parameter, parameter], rate: 1)
            #expect { try Optimizer(groups: [group]) } throws: {
                ($0 as? VSRError)?.code == .invalidArgument
            }
        }
    }
}

/// Copies by way of raw bytes, as a checkpoint makes them.
private func throughBytes(_ tensors: [NamedTensor]) throws -> [String: Tensor] {
    try Dictionary(
        uniqueKeysWithValues: tensors.map { named in
            let copy = try named.tensor.bytes().withUnsafeBytes {
                try Tensor(bytes: $0, shape: named.tensor.shape, dtype: named.tensor.dtype)
            }
            return (named.name, copy)
        })
}
