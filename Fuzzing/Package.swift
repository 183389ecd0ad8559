// swift-tools-version: 6.1
import PackageDescription

// Built by scripts/fuzz, which names libFuzzer's runtime and the instrumentation.

func slimVSR(_ product: String) -> Target.Dependency {
    .product(name: product, package: "SlimVSR")
}

let package = Package(
    name: "Fuzzing",
    dependencies: [.package(name: "SlimVSR", path: "..")],
    targets: [
        .target(name: "CFuzzer"),
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "CFuzzer", slimVSR("VSRCore"), slimVSR("VSRModel"), slimVSR("VSRConfiguration"),
                slimVSR("VSRMedia"),
            ]),
    ],
    swiftLanguageModes: [.v6]
)
