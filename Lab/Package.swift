// swift-tools-version: 6.1
import PackageDescription

// LibTorch lives at this fixed place, made by scripts/bootstrap: a folder, or a link to LIBTORCH.
let libtorch = "\(Context.packageDirectory)/../.deps/libtorch"

func root(_ product: String) -> Target.Dependency { .product(name: product, package: "SlimVSR") }

let package = Package(
    name: "SlimVSRLab",
    // With an underscore: not for other packages, but for Fuzzing.
    products: [
        .executable(name: "slimvsr-lab", targets: ["slimvsr-lab"]),
        .library(name: "_VSRTraining", targets: ["VSRTraining"]),
        .library(name: "_VSRStudy", targets: ["VSRStudy"]),
    ],
    dependencies: [
        .package(name: "SlimVSR", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .target(
            name: "CTorch",
            cxxSettings: [
                .unsafeFlags([
                    "-isystem", "\(libtorch)/include",
                    "-isystem", "\(libtorch)/include/torch/csrc/api/include",
                ])
            ],
            linkerSettings: [
                .unsafeFlags(["-L", "\(libtorch)/lib", "-Xlinker", "-rpath=\(libtorch)/lib"]),
                .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]),
        .target(name: "Torch", dependencies: ["CTorch", root("VSRCore")]),
        .target(
            name: "VSRNetworks", dependencies: ["Torch", root("VSRCore"), root("VSRModel")]),
        .target(
            name: "VSRTraining",
            dependencies: [
                "Torch", "VSRNetworks", root("VSRCore"), root("VSRModel"), root("VSRPruning"),
                root("VSRData"), root("VSRImaging"), root("VSRConfiguration"), root("VSRTools"),
                root("VSRRuntime"),
            ]),
        .target(
            name: "VSRStudy",
            dependencies: [
                "VSRTraining", root("VSRCore"), root("VSRModel"), root("VSRPruning"),
                root("VSRRuntime"), root("VSRConfiguration"), root("VSRTools"),
            ]),
        .executableTarget(
            name: "slimvsr-lab",
            dependencies: [
                "Torch", "VSRTraining", "VSRStudy", root("VSRCore"), root("VSRModel"),
                root("VSRPruning"),
                root("VSRRuntime"), root("VSRData"), root("VSRImaging"),
                root("VSRConfiguration"), root("VSRProgram"),
                root("VSRMedia"), root("VSRReport"), root("VSRTools"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "training-step-benchmark",
            dependencies: [
                "Torch", "VSRTraining", root("VSRCore"), root("VSRModel"), root("VSRConfiguration"),
            ]),
        .testTarget(name: "TorchTests", dependencies: ["Torch", root("VSRCore")]),
        .testTarget(
            name: "VSRNetworksTests",
            dependencies: [
                "Torch", "VSRNetworks", root("VSRCore"), root("VSRModel"), root("VSRPruning"),
                root("VSRRuntime"), root("_VSRTestSupport"),
            ]),
        .testTarget(
            name: "VSRTrainingTests",
            dependencies: [
                "Torch", "VSRNetworks", "VSRTraining", root("VSRCore"), root("VSRModel"),
                root("VSRPruning"), root("VSRData"), root("VSRMedia"), root("VSRConfiguration"),
                root("VSRRuntime"), root("VSRTools"), root("_VSRTestSupport"),
            ]),
        .testTarget(
            name: "VSRStudyTests",
            dependencies: [
                "VSRStudy", "VSRTraining", root("VSRCore"), root("VSRModel"), root("VSRMedia"),
                root("VSRPruning"), root("VSRConfiguration"), root("VSRTools"),
                root("_VSRTestSupport"),
            ]),
        .testTarget(
            name: "SlimVSRLabTests",
            dependencies: [
                "slimvsr-lab", "VSRTraining", root("VSRCore"), root("VSRModel"),
                root("VSRProgram"), root("VSRTools"), root("_VSRTestSupport"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)

// For scripts/sanitize: the shim and its tests, without what they do not need.
if Context.environment["SLIMVSR_SHIM_ONLY"] != nil {
    package.products = []
    package.targets.removeAll { !["CTorch", "Torch", "TorchTests"].contains($0.name) }
}
