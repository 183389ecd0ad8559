// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Peers",
    dependencies: [.package(name: "SlimVSR", path: "../..")],
    targets: [
        .executableTarget(
            name: "peer-runner",
            dependencies: [
                .product(name: "VSRCore", package: "SlimVSR"),
                .product(name: "VSRModel", package: "SlimVSR"),
                .product(name: "VSRPruning", package: "SlimVSR"),
                .product(name: "VSRRuntime", package: "SlimVSR"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
