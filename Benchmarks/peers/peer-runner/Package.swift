// swift-tools-version: 6.1
import PackageDescription

// Parts of a network are run by what is internal to VSRRuntime, hence built as tests are:
//     swift build -c release -Xswiftc -enable-testing
let package = Package(
    name: "Peers",
    dependencies: [.package(name: "SlimVSR", path: "../../..")],
    targets: [
        .executableTarget(
            name: "peer-runner",
            dependencies: [
                .product(name: "VSRCore", package: "SlimVSR"),
                .product(name: "VSRModel", package: "SlimVSR"),
                .product(name: "VSRRuntime", package: "SlimVSR"),
            ])
    ],
    swiftLanguageModes: [.v6]
)
