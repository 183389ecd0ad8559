// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "ImagingBenchmarks",
    dependencies: [.package(name: "SlimVSR", path: "../..")],
    targets: [
        .executableTarget(
            name: "imaging-bench",
            dependencies: [
                .product(name: "VSRCore", package: "SlimVSR"),
                .product(name: "VSRImaging", package: "SlimVSR"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
