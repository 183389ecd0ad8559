// swift-tools-version: 6.1
import PackageDescription

// Built by scripts/fuzz, which names libFuzzer's runtime and the instrumentation. `fuzz-lab` needs
// LibTorch, because the settings of training stages lie beside the stages.

func slimVSR(_ product: String) -> Target.Dependency {
    .product(name: product, package: "SlimVSR")
}

func lab(_ product: String) -> Target.Dependency {
    .product(name: product, package: "SlimVSRLab")
}

let package = Package(
    name: "Fuzzing",
    dependencies: [
        .package(name: "SlimVSR", path: ".."), .package(name: "SlimVSRLab", path: "../Lab"),
    ],
    targets: [
        .target(name: "CFuzzer"),
        .target(
            name: "FuzzDriver",
            dependencies: ["CFuzzer", slimVSR("VSRCore"), slimVSR("VSRConfiguration")]),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "FuzzDriver", slimVSR("VSRCore"), slimVSR("VSRModel"), slimVSR("VSRPruning"),
                slimVSR("VSRConfiguration"), slimVSR("VSRMedia"), slimVSR("_VSRTestSupport"),
            ]),
        .executableTarget(
            name: "fuzz-lab",
            dependencies: ["FuzzDriver", lab("_VSRTraining"), lab("_VSRStudy")]),
    ],
    swiftLanguageModes: [.v6]
)
